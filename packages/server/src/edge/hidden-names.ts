/*
 * Names of virtual accounts that are not everybody's to read, in texts on their way out. Three signs that Unicode keeps for
 * the inside of programs (U+FDD0 and after) tell where they are; none of them ever leaves the server.
 */

/** A name that the caller may not read, as the database gives it to their commands (`told_name`). */
const hiddenName = /\uFDD0[^\uFDD1]*\uFDD1/g;
const signsOfHidden = /[\uFDD0\uFDD1]/g;
const hasHidden = /[\uFDD0\uFDD1]/;

/** What the caller is told: a mark in place of each name that is not theirs to read, in every text of the value. */
export function withoutHiddenNames<T>(value: T): T {
  const text = JSON.stringify(value);
  return text !== undefined && hasHidden.test(text)
    ? (JSON.parse(text.replace(hiddenName, '…')) as T)
    : value;
}

/** What is written down: all names as they are. */
export const withAllNames = (text: string): string =>
  hasHidden.test(text) ? text.replace(signsOfHidden, '') : text;

/** A virtual account in the sentence of an event. The event keeps where it stands, so that its names can be hidden from some. */
export const placeInWords = ({
  virtualAccountId,
  path,
}: {
  virtualAccountId: string;
  path: readonly string[];
}): string => `\uFDD2${virtualAccountId}${withAllNames(path.join(' / ')).replaceAll('\uFDD2', '')}\uFDD2`;

/** Where a sentence names a virtual account, in characters of Unicode. */
export interface PlaceInSentence {
  virtualAccountId: string;
  at: number;
  length: number;
}

const placeMark = /\uFDD2([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})([^\uFDD2]*)\uFDD2/;
const lengthOf = (text: string): number => [...text].length;

/** A sentence as everybody reads it who may read all names, and where it names virtual accounts. */
export function readSentence(marked: string): { message: string; places: PlaceInSentence[] } {
  const places: PlaceInSentence[] = [];
  let message = withAllNames(marked);
  for (let found = placeMark.exec(message); found !== null; found = placeMark.exec(message)) {
    const [whole, virtualAccountId = '', words = ''] = found;
    places.push({ virtualAccountId, at: lengthOf(message.slice(0, found.index)), length: lengthOf(words) });
    message = message.slice(0, found.index) + words + message.slice(found.index + whole.length);
  }
  return { message, places };
}
