/** Lines that tell how far the demo is; on a terminal a step's line is rewritten as it goes on. */
export interface Progress {
  during<T>(step: string, work: () => Promise<T>): Promise<T>;
  count(step: string, done: number, of: number): void;
  say(text: string): void;
  /** Something that just happened, with the time of day. */
  event(text: string): void;
}

export function createProgress(out: NodeJS.WriteStream): Progress {
  const width = 38;
  const terminal = out.isTTY === true;
  const line = (step: string, what: string, end: boolean) => {
    if (terminal) out.write(`\r\x1b[2K  ${step.padEnd(width)} ${what}${end ? '\n' : ''}`);
    else if (end) out.write(`  ${step.padEnd(width)} ${what}\n`);
  };
  return {
    async during(step, work) {
      line(step, '…', false);
      const began = performance.now();
      const result = await work();
      line(step, `${((performance.now() - began) / 1000).toFixed(1)} s`, true);
      return result;
    },
    count: (step, done, of) => line(step, done === of ? `${of}` : `${done} of ${of}`, done === of),
    say: (text) => void out.write(`${text}\n`),
    event: (text) => void out.write(`  ${new Date().toTimeString().slice(0, 8)}  ${text}\n`),
  };
}
