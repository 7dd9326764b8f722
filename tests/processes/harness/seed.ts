import { randomInt } from 'node:crypto';
import { type Random, randomFrom } from '@estover/protocol/testing';

/** The chance of a test file: from PROCESSES_SEED, or a new one; printed, so that a failure can be drawn again. */
export function drawnSeed(file: string): Random {
  const seed = Number(process.env['PROCESSES_SEED'] ?? randomInt(2 ** 31));
  console.log(`${file}: PROCESSES_SEED=${seed}`);
  return randomFrom(seed);
}

/** A size of a test: from a variable of the environment, or the one that fits into an ordinary run. */
export function sizeOf(variable: string, ordinary: number): number {
  const given = process.env[variable];
  if (given === undefined) return ordinary;
  const size = Number(given);
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new Error(`${variable} must be a whole number from 1, found ${given}`);
  }
  return size;
}
