import { hash } from 'node:crypto';

/*
 * One signature for many documents: a Merkle tree over their signing inputs as in RFC 9162 §2.1, whose root is signed.
 * Each document carries its way up to the root (docs/protocol.md, "Answers signed together").
 */

/** A document's place in its tree, and the hashes beside its way up, from the bottom. */
export interface TreePath {
  /** From 0, below `size`. */
  index: number;
  /** How many documents the tree has. */
  size: number;
  /** 32 bytes each. */
  hashes: readonly Uint8Array[];
}

/** A way up of 20 steps reaches over a million documents. */
const mostSteps = 20;

const hashBytes = 32;
const leafMark = Buffer.of(0);
const nodeMark = Buffer.of(1);

const sha256 = (...parts: Uint8Array[]): Buffer => hash('sha256', Buffer.concat(parts), 'buffer');

/** The hash of a tree with the way up of every leaf, in the order of the inputs. At least one input. */
export function growTree(inputs: readonly Uint8Array[]): { root: Uint8Array; paths: TreePath[] } {
  const paths = inputs.map((_, index): TreePath & { hashes: Uint8Array[] } => ({
    index,
    size: inputs.length,
    hashes: [],
  }));
  let level: Buffer[] = inputs.map((input) => sha256(leafMark, input));
  for (let height = 0; level.length > 1; height += 1) {
    for (const path of paths) {
      const beside = level[(path.index >> height) ^ 1];
      if (beside !== undefined) path.hashes.push(beside);
    }
    const above: Buffer[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const [left, right] = [level[at] as Buffer, level[at + 1]];
      // The last one of an odd number goes up as it is.
      above.push(right === undefined ? left : sha256(nodeMark, left, right));
    }
    level = above;
  }
  return { root: level[0] as Buffer, paths };
}

/** The root that a document and its way up lead to (RFC 9162 §2.1.3.2), or undefined when the way does not fit the place. */
export function climbTree(input: Uint8Array, { index, size, hashes }: TreePath): Uint8Array | undefined {
  if (index >= size) return undefined;
  let place = index;
  let last = size - 1;
  let reached = sha256(leafMark, input);
  for (const beside of hashes) {
    if (last === 0) return undefined;
    if (place % 2 === 1 || place === last) {
      reached = sha256(nodeMark, beside, reached);
      while (place % 2 === 0 && place !== 0) {
        place >>= 1;
        last >>= 1;
      }
    } else {
      reached = sha256(nodeMark, reached, beside);
    }
    place >>= 1;
    last >>= 1;
  }
  return last === 0 ? reached : undefined;
}

const rootTitle = Buffer.from('estover-tree-v1\0');

/** What is signed for a whole tree. No signing input of a JWS can be the same, because of the zero byte. */
export function treeStatement(root: Uint8Array, size: number): Uint8Array {
  const count = Buffer.alloc(4);
  count.writeUInt32BE(size);
  return Buffer.concat([rootTitle, count, root]);
}

/** The third part of a document of a tree: the signature of the tree, the place and the way up. */
export function writeTreeSignature(signature: Uint8Array, { index, size, hashes }: TreePath): Buffer {
  const place = Buffer.alloc(8);
  place.writeUInt32BE(index, 0);
  place.writeUInt32BE(size, 4);
  return Buffer.concat([signature, place, ...hashes]);
}

/** Reads what `writeTreeSignature` wrote; undefined when it has another form. */
export function readTreeSignature(bytes: Uint8Array): { signature: Uint8Array; path: TreePath } | undefined {
  const steps = (bytes.length - 72) / hashBytes;
  if (!Number.isInteger(steps) || steps < 0 || steps > mostSteps) return undefined;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    signature: view.subarray(0, 64),
    path: {
      index: view.readUInt32BE(64),
      size: view.readUInt32BE(68),
      hashes: Array.from({ length: steps }, (_, step) =>
        view.subarray(72 + step * hashBytes, 72 + (step + 1) * hashBytes),
      ),
    },
  };
}
