import { type AnswerOf, listNews, markNewsSeen } from '@estover/protocol';
import { Popover } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { type MouseEvent, useState } from 'react';
import { useMe } from '../account.tsx';
import { useAction, useOperation } from '../api.ts';
import { formatNumber, formatRelative } from '../format.ts';
import { BellIcon } from '../parts/icons.tsx';
import { PlaceLink } from '../parts/PlaceLink.tsx';
import { paths } from '../paths.ts';
import styles from './Bell.module.css';

type News = AnswerOf<typeof listNews>;

/** So many are counted; there may be more. */
const mostCounted = 100;

const countInWords = (news: number): string =>
  news >= mostCounted ? `${mostCounted} and more` : formatNumber(news);

/** What is new in the account of the address since the person looked. Opening it is looking. */
export function Bell() {
  const { accountId = '' } = useParams({ strict: false });
  const isKnown = useMe().accounts.some((account) => account.accountId === accountId);
  const params = { accountId };
  const { data } = useOperation(listNews, { params }, { enabled: isKnown });
  const seen = useAction(markNewsSeen);
  const [opened, setOpened] = useState<News | null>(null);
  if (!isKnown || data === undefined) return null;
  const open = () => {
    // What was new stays marked while it is looked at.
    setOpened(data);
    if (data.newCount > 0) seen.mutate({ params, body: { position: data.position } });
  };
  const close = () => setOpened(null);
  return (
    <Popover
      opened={opened !== null}
      onChange={(isOpen) => !isOpen && close()}
      position="bottom-end"
      width={340}
      trapFocus
      returnFocus
      transitionProps={{ duration: 120 }}
    >
      <Popover.Target>
        <button
          type="button"
          className={styles.bell}
          aria-label={data.newCount === 0 ? 'What is new' : `What is new: ${countInWords(data.newCount)}`}
          onClick={() => (opened === null ? open() : close())}
        >
          <BellIcon />
          {data.newCount > 0 && (
            <span className={styles.count} aria-hidden="true">
              {data.newCount > 99 ? '99+' : data.newCount}
            </span>
          )}
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label="What is new" className={styles.list}>
        {opened !== null && <Items accountId={accountId} news={opened} onGo={close} />}
      </Popover.Dropdown>
    </Popover>
  );
}

function Items({ accountId, news, onGo }: { accountId: string; news: News; onGo: () => void }) {
  const navigate = useNavigate();
  const go = (event: MouseEvent, href: string) => {
    // A new tab is the browser's to open.
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    onGo();
    void navigate({ href });
  };
  return (
    <>
      {news.items.length === 0 && <p className={styles.none}>Nothing has changed lately.</p>}
      <ul>
        {news.items.map(({ cause, state, message, page, at, isNew }) => (
          <li key={cause}>
            <a
              href={`/accounts/${accountId}${page}`}
              className={styles.item}
              onClick={(event) => go(event, `/accounts/${accountId}${page}`)}
            >
              <span>
                {isNew && <b className={styles.new}>New</b>}
                {state === 'ended' && 'Over: '}
                {message}
              </span>
              <small>{formatRelative(at)}</small>
            </a>
          </li>
        ))}
      </ul>
      <p className={styles.foot}>
        <PlaceLink to={paths.alerts(accountId)} onClick={onGo}>
          All alerts
        </PlaceLink>
        <PlaceLink to={paths.notifications(accountId)} onClick={onGo}>
          Choose what comes by mail
        </PlaceLink>
      </p>
    </>
  );
}
