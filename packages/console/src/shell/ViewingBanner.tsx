import { endViewAs } from '@estover/protocol';
import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useMe } from '../account.tsx';
import { readAgain, useAction } from '../api.ts';
import { formatInstant } from '../format.ts';
import { notifyDone, notifyProblem } from '../parts/notify.tsx';
import { shown } from '../shown.ts';
import styles from './Shell.module.css';

/** Says that an account is seen through somebody else's eyes, and ends it. The server refuses changes meanwhile. */
export function ViewingBanner() {
  const { viewingAs, accounts } = useMe();
  const end = useAction(endViewAs);
  const cache = useQueryClient();
  const until = viewingAs?.until;
  useEffect(() => {
    if (until === undefined) return;
    // Its time ends on the server; the pages follow.
    const left = Math.max(0, Date.parse(until) - Date.now()) + 1_000;
    const timer = window.setTimeout(() => void readAgain(cache), left);
    return () => window.clearTimeout(timer);
  }, [until, cache]);
  if (viewingAs === null) return null;
  const account = accounts.find(({ accountId }) => accountId === viewingAs.accountId);
  return (
    <section className={styles.viewing} aria-label="You look as somebody else">
      <p>
        You see {account?.name ?? 'an account'} as <b>{viewingAs.name}</b> ({shown(viewingAs.email)}) sees it,
        until {formatInstant(viewingAs.until)} at the latest. Nothing can be changed meanwhile.
      </p>
      <Button
        size="xs"
        loading={end.isPending}
        onClick={() =>
          end.mutate(
            {},
            {
              onSuccess: () => notifyDone('You see everything as yourself again.'),
              onError: notifyProblem,
            },
          )
        }
      >
        See as yourself again
      </Button>
    </section>
  );
}
