import { type AnswerOf, listDeskNews, listNews, markDeskNewsSeen, markNewsSeen } from '@estover/protocol';
import { Popover } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { type MouseEvent, useState } from 'react';
import { useMe } from '../account.tsx';
import { useAction, useOperation } from '../api.ts';
import { formatNumber, formatRelative } from '../format.ts';
import { BellIcon } from '../parts/icons.tsx';
import { PlaceLink } from '../parts/PlaceLink.tsx';
import { type Place, paths } from '../paths.ts';
import styles from './Bell.module.css';

type News = AnswerOf<typeof listNews>;

/** So many are counted; there may be more. */
const mostCounted = 100;

const countInWords = (news: number): string =>
  news >= mostCounted ? `${mostCounted} and more` : formatNumber(news);

/** Where news come from, and where their pages and the page of all of them are. */
interface Source {
  below: string;
  all: { to: Place; label: string };
  settings: Place;
}

/**
 * What is new in the account of the address since the person looked; for the publisher's staff outside of accounts, what is
 * new on the desk. Opening it is looking.
 */
export function Bell() {
  const { accountId } = useParams({ strict: false });
  const me = useMe();
  if (accountId === undefined) return me.platformRoles.length === 0 ? null : <DeskBell />;
  return me.accounts.some((account) => account.accountId === accountId) ? (
    <AccountBell key={accountId} accountId={accountId} />
  ) : null;
}

function AccountBell({ accountId }: { accountId: string }) {
  const params = { accountId };
  const { data } = useOperation(listNews, { params });
  const seen = useAction(markNewsSeen);
  const source = {
    below: `/accounts/${accountId}`,
    all: { to: paths.alerts(accountId), label: 'All alerts' },
    settings: paths.notifications(accountId),
  };
  return (
    <NewsBell news={data} source={source} onSee={(position) => seen.mutate({ params, body: { position } })} />
  );
}

function DeskBell() {
  const { data } = useOperation(listDeskNews, {});
  const seen = useAction(markDeskNewsSeen);
  const source = {
    below: '',
    all: { to: paths.platformDesk(), label: 'The desk' },
    settings: paths.notifications(),
  };
  return <NewsBell news={data} source={source} onSee={(position) => seen.mutate({ body: { position } })} />;
}

function NewsBell({
  news: data,
  source,
  onSee,
}: {
  news: News | undefined;
  source: Source;
  onSee: (position: number) => void;
}) {
  const [opened, setOpened] = useState<News | null>(null);
  if (data === undefined) return null;
  const open = () => {
    // What was new stays marked while it is looked at.
    setOpened(data);
    if (data.newCount > 0) onSee(data.position);
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
        {opened !== null && <Items source={source} news={opened} onGo={close} />}
      </Popover.Dropdown>
    </Popover>
  );
}

function Items({ source, news, onGo }: { source: Source; news: News; onGo: () => void }) {
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
              href={`${source.below}${page}`}
              className={styles.item}
              onClick={(event) => go(event, `${source.below}${page}`)}
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
        <PlaceLink to={source.all.to} onClick={onGo}>
          {source.all.label}
        </PlaceLink>
        <PlaceLink to={source.settings} onClick={onGo}>
          Choose what comes by mail
        </PlaceLink>
      </p>
    </>
  );
}
