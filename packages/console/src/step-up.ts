import { ProblemError } from '@estover/protocol';
import { useSyncExternalStore } from 'react';

/*
 * Before something dangerous the server may ask again who the person is. Whatever was refused for that waits here while
 * the dialog of the shell asks, and is done again afterwards.
 */

interface Waiting {
  proved: () => void;
  stopped: (error: unknown) => void;
}

let waiting: (Waiting & { error: unknown })[] = [];
const listeners = new Set<() => void>();

function set(next: typeof waiting): void {
  waiting = next;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

const asks = (error: unknown): boolean =>
  error instanceof ProblemError && error.problem.code === 'step-up-required';

/** Does the work; where the server asks who the person is, the dialog asks them, and the work is done again. */
export async function withProof<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!asks(error)) throw error;
    await new Promise<void>((proved, stopped) => set([...waiting, { proved, stopped, error }]));
    return work();
  }
}

/** Whether something waits for a proof. */
export const useIsWaiting = (): boolean => useSyncExternalStore(subscribe, () => waiting.length > 0);

/** The person has proved who they are: what waits is done again. */
export function goOn(): void {
  const done = waiting;
  set([]);
  for (const { proved } of done) proved();
}

/** The person does not want to: what waits stays refused. */
export function giveUp(): void {
  const done = waiting;
  set([]);
  for (const { stopped, error } of done) stopped(error);
}
