import type { AnswerOf, getAccountMove } from '@estover/protocol';
import { count } from '../../format.ts';
import type { Tone } from '../../parts/figures.tsx';

export type Move = AnswerOf<typeof getAccountMove>['move'];
export type Preview = NonNullable<AnswerOf<typeof getAccountMove>['preview']>;

export const moveStateWords: Record<Move['state'], { label: string; tone: Tone }> = {
  proposed: { label: 'Waits for consent', tone: 'info' },
  declined: { label: 'Declined', tone: 'neutral' },
  withdrawn: { label: 'Taken back', tone: 'neutral' },
  expired: { label: 'Expired', tone: 'neutral' },
  done: { label: 'Done', tone: 'ok' },
  undone: { label: 'Undone', tone: 'warn' },
};

/** What it is, such as "Merge Northwind into Southwind". */
export const moveTitle = ({ kind, from, into }: Move): string =>
  kind === 'merge' ? `Merge ${from.name} into ${into.name}` : `Split ${into.name} off ${from.name}`;

/** The sentence of a move's page. */
export function moveSentence(move: Move): string {
  const { state, may, answeredBy, kind } = move;
  switch (state) {
    case 'proposed':
      if (may.consent)
        return 'You are asked. It happens in the moment you consent, and can be undone for 7 days.';
      return 'It waits for an administrator of the other side. Nothing has happened yet.';
    case 'done':
      return may.undo
        ? `${answeredBy} consented and it is done. It can be undone for 7 days, by either side.`
        : `${answeredBy} consented and it is done.`;
    case 'undone':
      return `${answeredBy} has undone it: both sides have what they had, with what happened since.`;
    case 'declined':
      return `${answeredBy} declined it. Nothing has happened.`;
    case 'withdrawn':
      return `${answeredBy} took it back. Nothing has happened.`;
    case 'expired':
      return `Nobody consented to the ${kind} in time. Nothing has happened.`;
  }
}

/** What moves, in one sentence. */
export function previewSentence(preview: Preview): string {
  if (preview.totalVirtualAccounts === 0) {
    return 'What moves is seen by those who administer it, until they are asked.';
  }
  const units = preview.licenses.reduce((sum, { quantity }) => sum + quantity, 0);
  const parts = [
    count(preview.totalVirtualAccounts, 'virtual account'),
    count(units, 'license'),
    count(preview.productInstances, 'product instance'),
    count(preview.tokens, 'registration token'),
    ...(preview.openOrderLines > 0
      ? [count(preview.openOrderLines, 'order line not delivered yet', 'order lines not delivered yet')]
      : []),
    ...(preview.openAlerts > 0 ? [count(preview.openAlerts, 'open alert')] : []),
  ];
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)} move.`;
}
