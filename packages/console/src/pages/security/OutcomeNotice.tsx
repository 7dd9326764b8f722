import { useSearch } from '@tanstack/react-router';
import { Card } from '../../parts/Card.tsx';
import { outcomeInWords } from '../single-sign-on/outcome-words.ts';

/** What came of a way to the company's sign-in that began on this page, or of a proof that did not succeed. */
export function OutcomeNotice() {
  const { linked, proof } = useSearch({ strict: false });
  const said =
    linked === 'went-well'
      ? 'Your company’s sign-in signs you in from now on.'
      : outcomeInWords(linked ?? proof ?? '');
  if (said === null) return null;
  return (
    <Card padded>
      <div role="status">{said}</div>
    </Card>
  );
}
