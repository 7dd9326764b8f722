import { generateKeyPair, type KeyPair } from '@estover/protocol/signing';

const stock: KeyPair[] = [];

/** Key pairs for so many instances, each another. Made once for a run of the bench: they take longer than the rest. */
export function keyPairs(count: number): readonly KeyPair[] {
  while (stock.length < count) stock.push(generateKeyPair());
  return stock.slice(0, count);
}
