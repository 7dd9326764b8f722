/** What happened in a world, the last of it; told when something is wrong. */
export interface History {
  note(what: string): void;
  /** How many things happened so far. */
  steps(): number;
  last(count: number): string[];
}

const kept = 400;

export function createHistory(nowText: () => string, show?: (line: string) => void): History {
  const lines: string[] = [];
  let steps = 0;
  return {
    note(what) {
      steps += 1;
      const line = `${String(steps).padStart(6)}  ${nowText()}  ${what}`;
      lines.push(line);
      if (lines.length > kept) lines.shift();
      show?.(line);
    },
    steps: () => steps,
    last: (count) => lines.slice(-count),
  };
}

/** Something is not as it has to be. `problems` say what was expected and what was found. */
export class WorldFailure extends Error {
  override name = 'WorldFailure';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}
