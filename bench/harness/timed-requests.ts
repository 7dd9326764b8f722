import { createHistogram } from 'node:perf_hooks';
import { failed } from './results.ts';
import type { Figure } from './scenario.ts';

/** One kind of request, as somebody at the console or a program sends it. */
export interface TimedRequest {
  /** The figure's name, such as `inventory.1m.p95-ms`. */
  readonly name: string;
  readonly note: string;
  /** Path and query of the n-th request. */
  path(index: number): string;
  /** Sent as JSON by POST. */
  readonly body?: (index: number) => unknown;
}

export interface Timing {
  readonly address: string;
  readonly apiKey: string;
  /** Requests that are measured, one after the other, after a few that are not; fewer where they take long. */
  readonly requests: number;
  readonly mostSeconds: number;
}

const warmUp = 3;

/** Sends requests one after the other over one connection; the figure is the 95th percentile of the whole answer in ms. */
export async function timeRequests(
  { address, apiKey, requests, mostSeconds }: Timing,
  { name, note, path, body }: TimedRequest,
): Promise<Figure> {
  const times = createHistogram();
  const refused: string[] = [];
  let bytes = 0;
  const send = async (index: number) => {
    const sent = body?.(index);
    const response = await fetch(`${address}${path(index)}`, {
      method: sent === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
    });
    bytes = (await response.arrayBuffer()).byteLength;
    if (!response.ok) refused.push(`${response.status} for ${path(index)}`);
  };
  for (let index = 0; index < warmUp; index++) await send(index);
  const until = performance.now() + mostSeconds * 1_000;
  for (let index = 0; index < requests && performance.now() < until; index++) {
    const began = performance.now();
    await send(warmUp + index);
    times.record(Math.max(1, Math.round((performance.now() - began) * 1_000)));
  }
  const ms = (percentile: number) => times.percentile(percentile) / 1_000;
  const figure = {
    name,
    value: ms(95),
    unit: 'ms',
    note: `${note}; p50 ${ms(50).toFixed(1)} ms, ${times.count} requests, ${(bytes / 1_000).toFixed(0)} kB`,
  };
  return refused.length === 0 ? figure : failed(figure, `${refused.length} refused, first ${refused[0]}`);
}
