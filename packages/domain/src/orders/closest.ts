/**
 * The candidate that somebody who mistyped most likely meant, or null when none is near: at most a third of the longer
 * text may differ, counted in inserted, left out and exchanged characters without regard to case. A candidate that
 * differs in nothing but blanks and punctuation is always near. Ties go to the one that comes first.
 */
export function closestOf(given: string, candidates: readonly string[]): string | null {
  const wanted = given.toLowerCase();
  const plain = lettersOf(wanted);
  let best: { candidate: string; distance: number } | null = null;
  for (const candidate of candidates) {
    const name = candidate.toLowerCase();
    const sameLetters = plain !== '' && lettersOf(name) === plain;
    const most = sameLetters ? 0 : Math.floor(Math.max(wanted.length, name.length) / 3);
    const limit: number = best === null ? most : Math.min(most, best.distance - 1);
    if (limit < 0) continue;
    const distance: number | null = sameLetters ? 0 : editDistance(wanted, name, limit);
    if (distance !== null) best = { candidate, distance };
  }
  return best?.candidate ?? null;
}

const lettersOf = (text: string): string => text.replaceAll(/[^\p{L}\p{N}]/gu, '');

/** Levenshtein's distance, or null when it is more than `limit`. */
function editDistance(left: string, right: string, limit: number): number | null {
  if (Math.abs(left.length - right.length) > limit) return null;
  let above = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    let least = row;
    for (let column = 1; column <= right.length; column++) {
      const changed = left[row - 1] === right[column - 1] ? 0 : 1;
      const cost = Math.min(
        (above[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + changed,
      );
      current.push(cost);
      least = Math.min(least, cost);
    }
    if (least > limit) return null;
    above = current;
  }
  const distance = above.at(-1) ?? 0;
  return distance <= limit ? distance : null;
}
