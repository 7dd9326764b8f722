import type { ReactNode } from 'react';
import type { Place } from '../paths.ts';
import { BackIcon } from './icons.tsx';
import styles from './PageHead.module.css';
import { PlaceLink } from './PlaceLink.tsx';

interface PageHeadProps {
  title: string;
  /** What goes into the title bar where it differs from the heading. */
  documentTitle?: string;
  /** The sentence that says what matters here. */
  sentence?: ReactNode;
  /** At the right; at most one of them filled. */
  actions?: ReactNode;
  /** The list this page is an item of. */
  back?: { to: Place; label: string };
}

/** Opens every page: its title (the tab's too), what matters in a sentence, and what can be done. */
export function PageHead({ title, documentTitle = title, sentence, actions, back }: PageHeadProps) {
  return (
    <div className={styles.head}>
      <title>{`${documentTitle} · Estover`}</title>
      <div className={styles.words}>
        {back !== undefined && (
          <PlaceLink to={back.to} className={styles.back}>
            <BackIcon /> {back.label}
          </PlaceLink>
        )}
        <h1>{title}</h1>
        <p className={styles.sentence}>{sentence}</p>
      </div>
      {actions !== undefined && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}
