import { ActionIcon, Drawer } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { Outlet } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { SecondFactorNotice } from '../pages/staff/SecondFactorNotice.tsx';
import { MenuIcon, SearchIcon } from '../parts/icons.tsx';
import { useIsWaiting } from '../step-up.ts';
import { AccountSwitcher } from './AccountSwitcher.tsx';
import { Bell } from './Bell.tsx';
import { PersonMenu } from './PersonMenu.tsx';
import { openPalette } from './palette-store.ts';
import { Rail } from './Rail.tsx';
import styles from './Shell.module.css';
import { TimeZoneNote } from './TimeZoneNote.tsx';
import { ViewingBanner } from './ViewingBanner.tsx';

const Palette = lazy(() => import('./Palette.tsx'));
const StepUpDialog = lazy(() => import('./StepUpDialog.tsx'));

const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** What stands around every page of a signed-in person: the rail, the top bar, the palette. */
export function Shell() {
  const [folded, fold] = useDisclosure(false);
  const isAsked = useIsWaiting();
  useHotkeys([['mod+K', openPalette]]);
  return (
    <div className={styles.app}>
      <a href="#content" className={styles.skip}>
        Skip to the page
      </a>
      <div className={styles.rail}>
        <Rail />
      </div>
      <Drawer
        opened={folded}
        onClose={fold.close}
        size={260}
        padding={0}
        title={<span className="visually-hidden">Pages</span>}
        closeButtonProps={{ 'aria-label': 'Close the pages' }}
        transitionProps={{ duration: 120 }}
        // The way out lies beside the mark, and the drawer's head is no second banner of the page.
        attributes={{ header: { role: 'none' } }}
        styles={{ header: { position: 'absolute', top: 4, right: 10, background: 'none' } }}
      >
        <Rail onGo={fold.close} />
      </Drawer>
      <div className={styles.column}>
        <header className={styles.top}>
          <ActionIcon className={styles.fold ?? ''} size={34} onClick={fold.open} aria-label="Open the pages">
            <MenuIcon />
          </ActionIcon>
          <AccountSwitcher />
          <button type="button" className={styles.search} onClick={openPalette}>
            <SearchIcon /> <span>Find a license, instance, order, page…</span>
            <kbd>{isApple ? '⌘ K' : 'Ctrl K'}</kbd>
          </button>
          <Bell />
          <PersonMenu />
        </header>
        <TimeZoneNote />
        <ViewingBanner />
        <main className={styles.main} id="content" tabIndex={-1}>
          <SecondFactorNotice />
          <Outlet />
        </main>
      </div>
      <Suspense fallback={null}>
        <Palette />
        {isAsked && <StepUpDialog />}
      </Suspense>
    </div>
  );
}
