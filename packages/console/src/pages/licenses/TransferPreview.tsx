import type { AnswerOf, transferLicenses } from '@estover/protocol';
import { count, formatNumber, formatPath } from '../../format.ts';
import { Balance, StatePill, type Tone } from '../../parts/figures.tsx';
import styles from './TransferDialog.module.css';

type Result = Pick<AnswerOf<typeof transferLicenses>, 'effects'> &
  Partial<Pick<AnswerOf<typeof transferLicenses>, 'newlyShort' | 'newlyCompliant'>>;
type Effect = Result['effects'][number];

const stateWords: Record<Effect['after']['state'], { tone: Tone; words: string }> = {
  'in-compliance': { tone: 'ok', words: 'In compliance' },
  overage: { tone: 'warn', words: 'Overage' },
  'out-of-compliance': { tone: 'bad', words: 'Out of compliance' },
};

const isShort = (state: Effect['after']['state']): boolean => state === 'out-of-compliance';

/** What a change would do to every pool it touches, before it is done: numbers before and after, and who falls short. */
export function TransferPreview({ result, isPending }: { result: Result; isPending: boolean }) {
  const { effects } = result;
  const newlyShort =
    result.newlyShort ??
    effects.filter(({ before, after }) => !isShort(before.state) && isShort(after.state)).length;
  const newlyCompliant =
    result.newlyCompliant ??
    effects.filter(({ before, after }) => isShort(before.state) && !isShort(after.state)).length;
  return (
    <section
      className={styles.preview}
      aria-label="What it would do"
      aria-busy={isPending}
      data-pending={isPending || undefined}
    >
      <p role="status" data-tone={newlyShort > 0 ? 'bad' : newlyCompliant > 0 ? 'ok' : undefined}>
        {sentenceOf(newlyShort, newlyCompliant)}
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">Pool</th>
            <th scope="col" className={styles.number}>
              Available
            </th>
            <th scope="col" className={styles.number}>
              Balance
            </th>
            <th scope="col" className={styles.stateBeside}>
              After
            </th>
          </tr>
        </thead>
        <tbody>
          {effects.map((effect) => {
            const { tone, words } = stateWords[effect.after.state];
            return (
              <tr key={`${effect.tag} ${effect.virtualAccountId}`}>
                <td>
                  {formatPath(effect.virtualAccountPath)}
                  <small>{effect.licenseName}</small>
                  <span className={styles.stateBelow}>
                    <StatePill tone={tone}>{words}</StatePill>
                  </span>
                </td>
                <td className={styles.number}>
                  {formatNumber(effect.before.available)} → <b>{formatNumber(effect.after.available)}</b>
                </td>
                <td className={styles.number}>
                  {formatNumber(effect.before.balance)} → <Balance value={effect.after.balance} />
                </td>
                <td className={styles.stateBeside}>
                  <StatePill tone={tone}>{words}</StatePill>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function sentenceOf(newlyShort: number, newlyCompliant: number): string {
  const better =
    newlyCompliant === 0
      ? ''
      : ` ${count(newlyCompliant, 'pool')} ${newlyCompliant === 1 ? 'comes' : 'come'} back into compliance.`;
  if (newlyShort === 0) return `Nobody falls out of compliance.${better}`;
  return `${count(newlyShort, 'pool')} ${newlyShort === 1 ? 'falls' : 'fall'} out of compliance.${better}`;
}
