import { maximumTagName, maximumTagValues } from '@estover/domain/accounts';
import { type AnswerOf, createTagKey, type listTagKeys, updateTagKey } from '@estover/protocol';
import { Button, Checkbox, TagsInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useAction, useDryRun } from '../../api.ts';
import { count } from '../../format.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { fieldProblem } from '../../problems.ts';
import styles from './account-settings.module.css';

export type TagKey = AnswerOf<typeof listTagKeys>['items'][number];

/** Defines a tag: its name and the values it allows. */
export function DefineTagDialog({ onClose }: { onClose: () => void }) {
  const { accountId } = useAccount();
  const define = useAction(createTagKey);
  const [name, setName] = useState('');
  const [values, setValues] = useState<string[]>([]);
  const input = { params: { accountId }, body: { name: name.trim(), values } };
  const blocked =
    name.trim() === '' ? 'Give it a name.' : values.length === 0 ? 'Name at least one value.' : null;
  return (
    <FormDialog
      title="Define a tag"
      act={blocked === null ? `Define ${name.trim()} with ${count(values.length, 'value')}` : 'Define'}
      onAct={() =>
        define.mutate(input, {
          onSuccess: ({ tagKey }) => {
            notifyDone(`Defined the tag ${tagKey.name}.`);
            onClose();
          },
        })
      }
      onClose={onClose}
      acting={define.isPending}
      error={define.error}
      marked={['/name']}
      blocked={blocked}
      apiCall={<ApiCall operation={createTagKey} input={input} />}
    >
      <NameField value={name} onChange={setName} error={define.error} />
      <NewValues label="Values" values={values} onChange={setValues} />
    </FormDialog>
  );
}

/** Renames a tag, and renames, removes and adds values of it in one step. Sends only what was changed. */
export function EditTagDialog({ tagKey, onClose }: { tagKey: TagKey; onClose: () => void }) {
  const { accountId } = useAccount();
  const update = useAction(updateTagKey);
  const [name, setName] = useState(tagKey.name);
  const [names, setNames] = useState<Record<string, string>>({});
  const [removed, setRemoved] = useState<readonly string[]>([]);
  const [added, setAdded] = useState<string[]>([]);
  const [confirmedFor, setConfirmedFor] = useState<number | null>(null);
  const nameOf = (value: TagKey['values'][number]) => (names[value.tagValueId] ?? value.name).trim();
  const kept = tagKey.values.filter(({ tagValueId }) => !removed.includes(tagValueId));
  const renamed = kept.filter((value) => nameOf(value) !== value.name);
  const body = {
    ...(name.trim() === tagKey.name ? {} : { name: name.trim() }),
    ...(removed.length === 0 ? {} : { remove: [...removed] }),
    ...(renamed.length === 0
      ? {}
      : { rename: renamed.map((value) => ({ tagValueId: value.tagValueId, name: nameOf(value) })) }),
    ...(added.length === 0 ? {} : { add: added }),
  };
  const isChanged = Object.keys(body).length > 0;
  const isComplete = isChanged && missingIn(name, kept.map(nameOf), added) === null;
  const params = { accountId, tagKeyId: tagKey.tagKeyId };
  const preview = useDryRun(updateTagKey, isComplete && removed.length > 0 ? { params, body } : null);
  const losing = removed.length === 0 ? 0 : preview.data?.removedFrom;
  const input = { params, body: { ...body, ...(losing ? { confirmedVirtualAccounts: losing } : {}) } };
  const isTold = preview.error !== null || (!preview.isPending && losing !== undefined);
  const blocked = !isChanged
    ? 'Nothing is changed yet.'
    : (missingIn(name, kept.map(nameOf), added) ??
      (!isTold
        ? 'Looking who carries what is removed.'
        : (losing ?? 0) > 0 && confirmedFor !== losing
          ? 'Confirm what is taken from virtual accounts.'
          : null));
  return (
    <FormDialog
      title={`Change ${tagKey.name}`}
      act={
        losing === undefined || losing === 0
          ? `Change ${tagKey.name}`
          : `Change ${tagKey.name} and ${count(losing, 'virtual account')}`
      }
      onAct={() =>
        update.mutate(input, {
          onSuccess: (answer) => {
            notifyDone(`Changed the tag ${answer.tagKey.name}.`);
            onClose();
          },
        })
      }
      onClose={onClose}
      acting={update.isPending}
      error={update.error ?? preview.error}
      marked={['/name']}
      blocked={blocked}
      destructive={removed.length > 0}
      apiCall={isChanged && <ApiCall operation={updateTagKey} input={input} />}
    >
      <NameField value={name} onChange={setName} error={update.error} />
      <fieldset className={styles.valueFields}>
        <legend>Values</legend>
        {tagKey.values.map((value) => {
          const { tagValueId } = value;
          const isGone = removed.includes(tagValueId);
          return (
            <div key={tagValueId} className={styles.valueField}>
              <TextInput
                aria-label={`Name of ${value.name}`}
                maxLength={maximumTagName}
                disabled={isGone}
                value={names[tagValueId] ?? value.name}
                onChange={(event) => {
                  const typed = event.currentTarget.value;
                  setNames((before) => ({ ...before, [tagValueId]: typed }));
                }}
              />
              <Button
                type="button"
                size="xs"
                aria-label={`${isGone ? 'Keep' : 'Remove'} ${value.name}`}
                onClick={() => {
                  setConfirmedFor(null);
                  setRemoved(isGone ? removed.filter((id) => id !== tagValueId) : [...removed, tagValueId]);
                }}
              >
                {isGone ? 'Keep' : 'Remove'}
              </Button>
            </div>
          );
        })}
      </fieldset>
      <NewValues label="More values" values={added} onChange={setAdded} />
      {losing !== undefined && losing > 0 && (
        <Checkbox
          label={`Take ${removed.length === 1 ? 'this value' : 'these values'} from ${count(losing, 'virtual account')}`}
          description="They carry what is removed and have no value of this tag then."
          checked={confirmedFor === losing}
          onChange={(event) => setConfirmedFor(event.currentTarget.checked ? losing : null)}
        />
      )}
    </FormDialog>
  );
}

/** What a tag still lacks; null when nothing. */
function missingIn(name: string, kept: readonly string[], added: readonly string[]): string | null {
  if (kept.length + added.length === 0)
    return 'A tag keeps at least one value. Delete the whole tag instead.';
  return [name.trim(), ...kept].includes('') ? 'Every name needs a letter.' : null;
}

function NameField(props: { value: string; onChange: (name: string) => void; error: unknown }) {
  return (
    <TextInput
      label="Name"
      description="Such as Department or Country. Unique in the account."
      maxLength={maximumTagName}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value)}
      error={fieldProblem(props.error, '/name')}
      data-autofocus
    />
  );
}

function NewValues(props: { label: string; values: string[]; onChange: (values: string[]) => void }) {
  return (
    <TagsInput
      label={props.label}
      description="A virtual account carries at most one of them. Enter or a comma ends each."
      maxLength={maximumTagName}
      maxTags={maximumTagValues}
      value={props.values}
      onChange={(values) => props.onChange(values.map((value) => value.trim()).filter(Boolean))}
    />
  );
}
