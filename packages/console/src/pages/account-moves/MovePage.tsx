import { consentToAccountMove, getAccountMove, listVirtualAccounts } from '@estover/protocol';
import { Select } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useAction, useDryRun, useOperation } from '../../api.ts';
import { formatPath } from '../../format.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { Card } from '../../parts/Card.tsx';
import { Moment, StatePill } from '../../parts/figures.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { Facts } from '../../parts/SplitPanel.tsx';
import { paths } from '../../paths.ts';
import styles from './account-moves.module.css';
import { blockedBy } from './blocked-by.ts';
import { CloseDialog, UndoDialog } from './MoveDialogs.tsx';
import { ClashNames, MovePreview, namesOf } from './MovePreview.tsx';
import { type Move, moveSentence, moveStateWords, moveTitle } from './move-words.ts';

const route = getRouteApi('/signed-in/account-moves/$moveId');

/** One merge or split: what it is, what it would do, and what the person may do with it. */
export default function MovePage() {
  const { moveId } = route.useParams();
  const { data, error, refetch } = useOperation(getAccountMove, { params: { moveId } });
  const [dialog, setDialog] = useState<'decline' | 'withdraw' | 'undo' | null>(null);
  if (data === undefined) {
    return (
      <>
        <PageHead title="Merge or split" />
        {error !== null && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      </>
    );
  }
  const { move, preview } = data;
  return (
    <>
      <PageHead
        title={moveTitle(move)}
        sentence={moveSentence(move)}
        back={{ to: paths.accountMoves(), label: 'Merges and splits' }}
        actions={
          <>
            {move.may.withdraw && (
              <ReasonedButton onClick={() => setDialog('withdraw')}>Take it back…</ReasonedButton>
            )}
            {move.may.decline && (
              <ReasonedButton onClick={() => setDialog('decline')}>Decline…</ReasonedButton>
            )}
            {move.may.undo && <ReasonedButton onClick={() => setDialog('undo')}>Undo…</ReasonedButton>}
          </>
        }
      />
      <div className={styles.page}>
        <About move={move} />
        {move.may.consent ? <Consent move={move} /> : preview !== null && <MovePreview preview={preview} />}
      </div>
      {(dialog === 'decline' || dialog === 'withdraw') && (
        <CloseDialog move={move} how={dialog} onClose={() => setDialog(null)} />
      )}
      {dialog === 'undo' && <UndoDialog move={move} onClose={() => setDialog(null)} />}
    </>
  );
}

function About({ move }: { move: Move }) {
  const { state, from, into } = move;
  const side = ({ accountId, name, domainIdentifier }: Move['from']) =>
    accountId === null || state !== 'done' ? (
      `${name} (${domainIdentifier})`
    ) : (
      <PlaceLink to={paths.virtualAccounts(accountId)}>{name}</PlaceLink>
    );
  return (
    <Card title="About">
      <Facts
        facts={[
          [
            'State',
            <StatePill key="state" tone={moveStateWords[state].tone}>
              {moveStateWords[state].label}
            </StatePill>,
          ],
          ['Since', <Moment key="since" at={move.stateSince} />],
          move.endsAt === null
            ? null
            : [
                state === 'done' ? 'Can be undone until' : 'Consent until',
                <Moment key="ends" at={move.endsAt} />,
              ],
          ['From', side(from)],
          ['Into', side(into)],
          ['Proposed by', move.proposedBy],
          ['Why', move.reason],
          move.firstAdministratorEmail === null
            ? null
            : ['First administrator', move.firstAdministratorEmail],
          move.answeredBy === null ? null : ['Answered by', move.answeredBy],
          move.answer === null ? null : ['Answer', move.answer],
        ]}
      />
    </Card>
  );
}

/** The other side's step: choose where it comes and what it is called there, see what happens, and consent. */
function Consent({ move }: { move: Move }) {
  const [parentId, setParentId] = useState<string | null | undefined>(undefined);
  const [names, setNames] = useState<Record<string, string>>({});
  const consent = useAction(consentToAccountMove);
  const params = { moveId: move.moveId };
  const input = { params, body: { ...(parentId === undefined ? {} : { parentId }), names: namesOf(names) } };
  const preview = useDryRun(consentToAccountMove, input);
  const found = preview.data?.preview;
  const blocked = blockedBy(found, preview.isPending);
  const act =
    move.kind === 'merge' ? `Consent and merge into ${move.into.name}` : `Consent and take ${move.into.name}`;
  const mayChoose = move.kind === 'merge' && move.proposedSide === 'from' && move.into.accountId !== null;
  return (
    <>
      {found !== undefined && <MovePreview preview={found} />}
      <Card title="Consent" padded>
        <div className={styles.form}>
          {mayChoose && (
            <ParentSelect
              accountId={move.into.accountId ?? ''}
              value={parentId ?? null}
              onChange={setParentId}
            />
          )}
          <ClashNames preview={found} names={names} onChange={setNames} />
          <ProblemNotice error={consent.error ?? preview.error} />
          <div className={styles.actions}>
            <ReasonedButton
              variant="filled"
              reason={blocked}
              loading={consent.isPending}
              onClick={() =>
                consent.mutate(input, {
                  onSuccess: (answer) =>
                    notifyDone(
                      answer.move.kind === 'merge'
                        ? `${answer.move.from.name} is in ${answer.move.into.name} now.`
                        : `${answer.move.into.name} is there now.`,
                    ),
                })
              }
            >
              {act}
            </ReasonedButton>
          </div>
        </div>
        <ApiCall operation={consentToAccountMove} input={input} />
      </Card>
    </>
  );
}

function ParentSelect(props: {
  accountId: string;
  value: string | null;
  onChange: (parentId: string | null) => void;
}) {
  const { data } = useOperation(listVirtualAccounts, {
    params: { accountId: props.accountId },
    query: { rollUp: false },
  });
  return (
    <Select
      label="Below (optional)"
      description="Where the virtual accounts come; at the top if you choose none."
      data={(data?.items ?? []).map(({ virtualAccountId, path }) => ({
        value: virtualAccountId,
        label: formatPath(path),
      }))}
      limit={100}
      searchable
      clearable
      value={props.value}
      onChange={props.onChange}
      nothingFoundMessage="No virtual account has this name"
    />
  );
}
