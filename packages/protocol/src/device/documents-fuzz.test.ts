import { verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { KeyPair } from '../signing/keys.ts';
import {
  bitFlips,
  cuts,
  exchangedParts,
  forgeries,
  insertions,
  type Mutant,
  otherLastLetters,
  randomFrom,
  randomMutant,
  withMirroredSignature,
} from '../testing/index.ts';
import { publicSecretKey } from './conformance/material.ts';
import { type AnswerVector, type RequestVector, readVectors } from './conformance/vectors.ts';
import {
  checkRegistration,
  checkRequest,
  checkRequestWith,
  openRequest,
  verifyAnswer,
  verifyRefusal,
} from './messages.ts';

/*
 * Signed documents that were tampered with, read as the server reads requests and as an instance reads answers. The
 * documents are those of conformance/, so that a seed brings the same mutants again. None may be taken, none may throw.
 */

const seed = Number(process.env.FUZZ_SEED ?? 20_261_122);
const mutants = Number(process.env.FUZZ_DOCUMENTS ?? 10_000);

/** What came of reading: what was believed, or why it was not. */
type Read = { ok: true; value: unknown } | { ok: false; code: string; detail: string };

interface Target {
  name: string;
  document: string;
  /** Who signs such documents. */
  keys: KeyPair;
  /** The refusals that reading may end in. */
  codes: readonly string[];
  read(document: string): Promise<Read>;
}

const formCodes = ['document-malformed', 'header-not-allowed', 'signature-invalid'];
const instanceKeys = publicSecretKey('instance');
const strangerKeys = publicSecretKey('stranger');

/** As a server: each `kid` is an instance with a key of its own. */
function requestTarget({ name, kind, document }: RequestVector): Target {
  const common = { name, document, keys: instanceKeys, codes: [...formCodes, 'certificate-request-invalid'] };
  if (kind === 'register') {
    return {
      ...common,
      async read(text) {
        const checked = await checkRegistration(text);
        return checked.ok ? { ok: true, value: checked.request } : checked;
      },
    };
  }
  const own = openRequest(kind, document);
  if (!own.ok) throw new Error(own.detail);
  return {
    ...common,
    async read(text) {
      const opened = openRequest(kind, text);
      if (!opened.ok) return opened;
      const isOwn = JSON.stringify(opened.key) === JSON.stringify(own.key);
      const { publicKey } = isOwn ? instanceKeys : strangerKeys;
      const checked = checkRequest(opened, publicKey);
      const inPool = await checkRequestWith(opened, async (input, signature) =>
        verify('sha256', input, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature),
      );
      if (checked.ok !== inPool.ok) throw new Error('the two ways to check a request disagree');
      return checked.ok ? { ok: true, value: checked.request } : checked;
    },
  };
}

const trust = readVectors('trust');

/** As an instance that waits for the answer. */
function answerTarget(vector: AnswerVector): Target {
  const { name, kind, document, messageId } = vector;
  const instance = vector.instance ?? undefined;
  const expected = { messageId, instance, trust, at: Temporal.Instant.from(vector.at) };
  return {
    ...{ name, document, keys: publicSecretKey('answers') },
    codes: [...formCodes, 'key-unknown', 'wrong-message'],
    async read(text) {
      if (kind === 'refusal') {
        const verified = verifyRefusal(text, expected);
        return verified.ok ? { ok: true, value: verified.proof } : verified;
      }
      const verified = verifyAnswer(kind, text, expected);
      return verified.ok ? { ok: true, value: verified.answer } : verified;
    },
  };
}

const requests = readVectors('requests').filter(
  ({ expect: { ok }, publicKey }) => ok && (publicKey === null || publicKey === pemOf(instanceKeys)),
);
const answers = readVectors('answers').filter(({ expect: { ok } }) => ok);
const together = readVectors('answers-signed-together').filter(({ expect: { ok } }) => ok);

/** The first of each kind: each is tampered with in every way there is. */
function oneOfEach<Vector extends { kind: string }>(vectors: readonly Vector[]): Vector[] {
  return [...new Map(vectors.toReversed().map((vector) => [vector.kind, vector])).values()];
}

const targets: Target[] = [
  ...oneOfEach(requests).map(requestTarget),
  ...oneOfEach(answers).map(answerTarget),
  ...together.map(answerTarget),
];

function pemOf({ publicKey }: KeyPair): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

/** How a mutant was refused, and what is wrong with that. */
async function readMutant(
  target: Target,
  { what, document }: Mutant,
): Promise<{ code: string; fault?: string }> {
  const told = `${target.name}, ${what}: ${document.length > 6_000 ? `${document.slice(0, 6_000)}…` : document}`;
  try {
    const read = await target.read(document);
    if (read.ok) return { code: 'taken', fault: `taken: ${told}` };
    const { code, detail } = read;
    if (!target.codes.includes(code)) return { code, fault: `refused with ${code}: ${told}` };
    if (/node_modules|\.ts\b|\bat \S+ \(/.test(detail))
      return { code, fault: `tells of its code (${detail}): ${told}` };
    return { code };
  } catch (error) {
    return { code: 'thrown', fault: `threw ${String(error)}: ${told}` };
  }
}

/** Reads mutants and returns how many were refused, by code. */
async function expectNoFault(mutations: Iterable<[Target, Mutant]>): Promise<Map<string, number>> {
  const faults: string[] = [];
  const refused = new Map<string, number>();
  for (const [target, mutant] of mutations) {
    const { fault, code } = await readMutant(target, mutant);
    if (fault !== undefined) faults.push(fault);
    if (faults.length === 10) break;
    refused.set(code, (refused.get(code) ?? 0) + 1);
  }
  expect(faults.join('\n\n')).toBe('');
  return refused;
}

const of = (target: Target, mutations: Iterable<Mutant>): [Target, Mutant][] =>
  [...mutations].map((mutant) => [target, mutant]);

it('reads every kind of document as it is', async () => {
  expect(targets).toHaveLength(4 + 5 + together.length);
  for (const target of targets)
    expect(await target.read(target.document), target.name).toMatchObject({ ok: true });
});

describe.each(targets.map((target) => [target.name, target] as const))('%s is not taken', (_, target) => {
  it('with any byte changed', async () => {
    const refused = await expectNoFault(of(target, bitFlips(target.document)));
    // They must reach the signature, else they show little.
    expect(refused.get('signature-invalid')).toBeGreaterThan(100);
  });

  it('cut anywhere, and with any byte left out or doubled', async () => {
    await expectNoFault(of(target, cuts(target.document)));
  });

  it('with bits behind the last, or with what a lenient reader overlooks', async () => {
    await expectNoFault(of(target, otherLastLetters(target.document)));
    await expectNoFault(of(target, insertions(target.document)));
  });

  it('by other keys and algorithms', async () => {
    await expectNoFault(of(target, forgeries(target.document, target.keys)));
  });

  it('with the parts of other genuine documents', async () => {
    const documents = [...requests, ...answers, ...together].map(({ document }) => document);
    const others = documents.filter((document) => document !== target.document);
    for (const other of others) {
      const exchanged = [...exchangedParts([target.document, other])];
      await expectNoFault(
        of(
          target,
          exchanged.filter(({ document }) => !documents.includes(document)),
        ),
      );
    }
  });

  it('though its mirrored signature is as genuine as its own, for anything but the same message', async () => {
    const mirrored = withMirroredSignature(target.document);
    expect(mirrored).not.toBe(target.document);
    expect(await target.read(mirrored)).toEqual(await target.read(target.document));
  });
});

it(`takes none of ${mutants} documents changed at random (FUZZ_SEED=${seed})`, async () => {
  const random = randomFrom(seed);
  const all = [...requests.map(requestTarget), ...answers.map(answerTarget), ...together.map(answerTarget)];
  const documents = all.map(({ document }) => document);
  function* mutate(): Generator<[Target, Mutant]> {
    for (let made = 0; made < mutants; made += 1) {
      const target = random.pick(all);
      yield [target, randomMutant(target.document, documents, random)];
    }
  }
  const refused = await expectNoFault(mutate());
  expect([...refused.values()].reduce((sum, count) => sum + count, 0)).toBe(mutants);
  expect(refused.get('signature-invalid') ?? 0).toBeGreaterThan(mutants / 10);
  expect([...refused.keys()]).toEqual(expect.arrayContaining([...formCodes, 'key-unknown']));
}, 600_000);
