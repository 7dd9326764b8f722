import styles from './TeamWarning.module.css';

/** Beside an address that several people read (seed 003): it may be taken, and is not a good idea. */
export function TeamWarning({ address }: { address: string }) {
  return (
    <p className={styles.warning} role="status">
      {address} looks like an address that a team shares. It may accept, but the events will not say which
      person did: a person’s own address is better.
    </p>
  );
}
