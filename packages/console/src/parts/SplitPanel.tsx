import { useMediaQuery } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect, useEffectEvent } from 'react';
import type { Place } from '../paths.ts';
import { shown } from '../shown.ts';
import { BackIcon, CloseIcon } from './icons.tsx';
import { PlaceLink } from './PlaceLink.tsx';
import styles from './SplitPanel.module.css';

interface SplitPanelProps {
  /** The list, which stays where it is. */
  children: ReactNode;
  /** The panel of the open item; null where none is open. */
  panel: { title: ReactNode; body: ReactNode /** The item's own page. */; page?: Place } | null;
  /** The list without a panel. */
  closed: Place;
  /** What the list is called, for the way back on small screens: "Licenses". */
  listName: string;
}

const pageBelow = '(max-width: 1000px)';

/** A list with the open item beside it; on small screens the item takes the page. Escape closes it. */
export function SplitPanel({ children, panel, closed, listName }: SplitPanelProps) {
  const asPage = useMediaQuery(pageBelow, window.matchMedia(pageBelow).matches);
  const navigate = useNavigate();
  const onEscape = useEffectEvent((event: KeyboardEvent) => {
    if (panel === null || event.key !== 'Escape') return;
    if (document.querySelector('[role="dialog"], [role="menu"], [role="listbox"]') !== null) return;
    void navigate({
      to: closed.to,
      params: closed.params ?? {},
      search: closed.search ?? {},
      resetScroll: false,
    });
  });
  useEffect(() => {
    // Before any dialog listens in the same way: it closes at once, and would not be found any more.
    window.addEventListener('keydown', onEscape, true);
    return () => window.removeEventListener('keydown', onEscape, true);
  }, []);

  if (panel === null) return children;
  const aside = (
    <aside className={styles.panel} aria-label="Details">
      <div className={styles.head}>
        <h2>{panel.title}</h2>
        {panel.page !== undefined && <PlaceLink to={panel.page}>Open</PlaceLink>}
        <PlaceLink to={closed} keepScroll aria-label="Close details">
          <CloseIcon />
        </PlaceLink>
      </div>
      {panel.body}
    </aside>
  );
  if (asPage) {
    return (
      <>
        <PlaceLink to={closed} className={styles.back}>
          <BackIcon /> {listName}
        </PlaceLink>
        {aside}
      </>
    );
  }
  return (
    <div className={styles.split} data-open>
      <div style={{ minWidth: 0 }}>{children}</div>
      {aside}
    </div>
  );
}

/** Facts as names and values: in panels and on detail pages. Facts that are null are left out. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, value: ReactNode] | null)[] }) {
  return (
    <dl className={styles.rows}>
      {facts.map(
        (fact) =>
          fact !== null && (
            <FactRow key={fact[0]} name={fact[0]}>
              {fact[1]}
            </FactRow>
          ),
      )}
    </dl>
  );
}

function FactRow({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{typeof children === 'string' ? shown(children) : children}</dd>
    </>
  );
}

/** A part of a panel with a heading. */
export function PanelSection({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className={styles.section}>
      <h3>{title}</h3>
      {children}
    </div>
  );
}
