import { TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { roleNames } from '../../account.tsx';
import { count, formatNumber, formatPath } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { shown as inLetters } from '../../shown.ts';
import styles from './account-moves.module.css';
import { type Preview, previewSentence } from './move-words.ts';

const shown = 10;

const rolesInWords = (roles: readonly string[]): string =>
  roles
    .map((role) => (role in roleNames ? roleNames[role as keyof typeof roleNames] : role).toLowerCase())
    .join(', ');

/** What a merge or split would do, as it stands now: what moves, who gains and loses access, what is in the way. */
export function MovePreview({
  preview,
  title = 'What would happen',
}: {
  preview: Preview;
  /** With its number where it is a step. */
  title?: string;
}) {
  const { licenses, tags, groups, loses, gains, inTheWay, virtualAccounts } = preview;
  const tops = virtualAccounts.filter(({ isTop }) => isTop);
  return (
    <Card title={title} padded>
      <div className={styles.part}>
        <InTheWay inTheWay={inTheWay} />
        <p>{previewSentence(preview)}</p>
        <Part title="Virtual accounts" total={preview.totalVirtualAccounts}>
          {tops.slice(0, shown).map(({ virtualAccountId, path, newPath }) => (
            <li key={virtualAccountId}>
              {formatPath(path)}
              {newPath !== null && <span className={styles.quiet}> → {formatPath(newPath)}</span>}
            </li>
          ))}
        </Part>
        <Part title="Licenses" total={licenses.length}>
          {licenses.slice(0, shown).map(({ tag, name, quantity }) => (
            <li key={tag}>
              {formatNumber(quantity)} {name}
            </li>
          ))}
        </Part>
        <Part title="Tags" total={tags.length}>
          {tags.slice(0, shown).map(({ key, joins }) => (
            <li key={key}>
              {key}
              {joins !== null && (joins ? ' joins the key of that name' : ' is a new key there')}
            </li>
          ))}
        </Part>
        <Part title="Groups" total={groups.length}>
          {groups.slice(0, shown).map(({ name, newName, people }) => (
            <li key={name}>
              {name}
              {newName !== name && ` becomes ${newName}`}, with {count(people, 'person', 'people')}
            </li>
          ))}
        </Part>
        <Part title="Whose access changes" total={loses.length + (preview.apiKeys > 0 ? 1 : 0)}>
          {loses.slice(0, shown).map(({ personId, name, email, roles, after }) => (
            <li key={personId}>
              {name} ({inLetters(email)}): {rolesInWords(roles)} becomes{' '}
              {after.length === 0 ? 'no role' : rolesInWords(after)} in what moves
            </li>
          ))}
          {preview.apiKeys > 0 && <li>{count(preview.apiKeys, 'API key')} no longer reach what moves</li>}
        </Part>
        {gains !== null && (
          <Part title="Who sees it from then on" total={gains.length}>
            {gains.slice(0, shown).map(({ personId, name, email, roles }) => (
              <li key={personId}>
                {name} ({inLetters(email)}), {rolesInWords(roles)}
              </li>
            ))}
          </Part>
        )}
      </div>
    </Card>
  );
}

function Part({ title, total, children }: { title: string; total: number; children: ReactNode }) {
  if (total === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul className={styles.list}>{children}</ul>
      {total > shown && <p className={styles.quiet}>{formatNumber(total)} in all.</p>}
    </>
  );
}

/** What has to be mended first; nothing where nothing has. */
export function InTheWay({ inTheWay }: { inTheWay: Preview['inTheWay'] }) {
  if (inTheWay.length === 0) return null;
  return (
    <div role="alert">
      <h3>In the way</h3>
      <ul className={styles.list}>
        {inTheWay.map(({ code, detail }) => (
          <li key={`${code} ${detail}`}>{detail}</li>
        ))}
      </ul>
    </div>
  );
}

/** Names for virtual accounts whose own is taken where they come: filled in, and to be changed. */
export function ClashNames(props: {
  preview: Preview | undefined;
  names: Readonly<Record<string, string>>;
  onChange: (names: Record<string, string>) => void;
}) {
  const clashing = (props.preview?.virtualAccounts ?? []).filter(({ isTop, clashes }) => isTop && clashes);
  if (clashing.length === 0) return null;
  return (
    <fieldset className={styles.names}>
      <legend>Names that are taken there</legend>
      {clashing.map(({ virtualAccountId, path, newPath }) => (
        <TextInput
          key={virtualAccountId}
          label={`${path.at(-1)} becomes`}
          maxLength={80}
          value={props.names[virtualAccountId] ?? newPath?.at(-1) ?? ''}
          onChange={(event) =>
            props.onChange({ ...props.names, [virtualAccountId]: event.currentTarget.value })
          }
        />
      ))}
    </fieldset>
  );
}

/** The names as the API takes them; empty ones are left out. */
export const namesOf = (names: Readonly<Record<string, string>>) =>
  Object.entries(names).flatMap(([virtualAccountId, name]) =>
    name.trim() === '' ? [] : [{ virtualAccountId, name: name.trim() }],
  );
