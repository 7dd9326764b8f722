import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { operations } from '@estover/protocol';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

interface Source {
  /** Path from the root, with slashes. */
  path: string;
  text: string;
  lines: number;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name.startsWith('.')) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

const sources: Source[] = ['packages', 'scripts', 'tests', 'bench']
  .flatMap((folder) => filesBelow(join(root, folder)))
  .filter((path) => /\.(ts|tsx)$/.test(path))
  .map((path) => {
    const text = readFileSync(path, 'utf8');
    return { path: relative(root, path), text, lines: text.split('\n').length };
  });

const isTest = (path: string): boolean => /\.test\.tsx?$/.test(path) || path.includes('/testing/');

/** Every module a source names, static or dynamic. */
function importsOf({ text }: Source): string[] {
  return [...text.matchAll(/(?:from\s+|import\s*\(?\s*)'([^']+)'/g)].map((match) => match[1] as string);
}

/** Which packages each package may depend on. Tests may also use what they test with. */
const arrows: Record<string, readonly string[]> = {
  domain: [],
  protocol: ['domain'],
  server: ['domain', 'protocol'],
  agent: ['domain', 'protocol'],
  console: ['domain', 'protocol'],
  cli: ['agent', 'protocol', 'server'],
  simulation: ['agent', 'domain', 'protocol', 'server'],
};

/** Capabilities of the server whose insides are their own: others come in through `index.ts`. */
const capabilities = [
  'access',
  'accounts',
  'agreements',
  'alerts',
  'audit',
  'catalog',
  'licenses',
  'notifications',
  'orders',
  'privacy',
  'product-instances',
  'reports',
  'support',
  'jobs',
  'installation',
  'device',
  'doctor',
  'backup',
  'usage-reports',
  'webhooks',
  'outbound',
];

/** Doors beside `index.ts`: rights and the audit trail, which every operation goes through. */
const doors = ['access/scope.ts', 'audit/record-event.ts'];

describe('arrows', () => {
  it('lets packages depend only on those they may', () => {
    const wrong = sources.flatMap((source) => {
      const name = /^packages\/([^/]+)\//.exec(source.path)?.[1];
      if (name === undefined || isTest(source.path)) return [];
      return importsOf(source)
        .map((specifier) => /^@estover\/([^/]+)/.exec(specifier)?.[1])
        .filter((target): target is string => target !== undefined && target !== name)
        .filter((target) => !(arrows[name] ?? []).includes(target))
        .map((target) => `${source.path} → ${target}`);
    });
    expect(wrong).toEqual([]);
  });

  it('keeps the rules free of clock, chance and I/O', () => {
    const forbidden =
      /\b(Date\.now|new Date\(|Math\.random|Temporal\.Now|process\.|performance\.now|fetch\(|crypto\.)/;
    const wrong = sources
      .filter(({ path }) => path.startsWith('packages/domain/') && !isTest(path))
      .filter(
        (source) =>
          forbidden.test(source.text) ||
          importsOf(source).some((name) => !name.startsWith('.') && !name.startsWith('@estover/domain')),
      )
      .map(({ path }) => path);
    expect(wrong).toEqual([]);
  });

  it('lets a capability of the server into another one only through its index', () => {
    const wrong = sources.flatMap((source) => {
      const own = /^packages\/server\/src\/([^/]+)\//.exec(source.path)?.[1];
      if (own === undefined || isTest(source.path) || !capabilities.includes(own)) return [];
      return importsOf(source)
        .filter((specifier) => specifier.startsWith('..'))
        .map((specifier) => relative('packages/server/src', join(dirname(source.path), specifier)))
        .filter((target) => {
          const other = target.split('/')[0] as string;
          return (
            other !== own &&
            capabilities.includes(other) &&
            target !== `${other}/index.ts` &&
            !doors.includes(target)
          );
        })
        .map((target) => `${source.path} → ${target}`);
    });
    expect(wrong).toEqual([]);
  });

  it('asks for time and ids only where the process begins', () => {
    // The process itself, what it makes once at its start, and the sign-in library's own clock.
    const allowed = /\/(process|testing|embedded|installation)\/|access\/(operator-key|sign-in)\./;
    const wrong = sources
      .filter(({ path }) => path.startsWith('packages/server/') && !isTest(path) && !allowed.test(path))
      .filter(({ text }) => /\b(Date\.now\(|Temporal\.Now|new Date\(\)|randomUUID)/.test(text))
      .map(({ path }) => path);
    expect(wrong).toEqual([]);
  });

  it('writes SQL only in stores, views, jobs and the database’s own folder', () => {
    const wrong = sources
      .filter(({ path }) => /^packages\/server\/src\/[^/]+\/routes\.ts$/.test(path))
      .filter(({ text }) => /\bsql`|selectFrom|insertInto|updateTable|deleteFrom/.test(text))
      .map(({ path }) => path);
    expect(wrong).toEqual([]);
  });
});

describe('names', () => {
  it('lets sentences of events name virtual accounts only so that names can be hidden', () => {
    // What stands in a sentence without `placeInWords` is told to nobody from whom names are hidden.
    const wrong = sources
      .filter(({ path }) => path.startsWith('packages/server/') && !isTest(path))
      .flatMap(({ path, text }) =>
        text
          .split('\n')
          .filter((line) => /^\s*(message:|\? `|: `).*\.join\(' \/ '\)/.test(line))
          .map((line) => `${path}: ${line.trim()}`),
      );
    expect(wrong).toEqual([]);
  });
});

describe('sizes', () => {
  /** Files over 500 lines, each with its reason. The list only shrinks. */
  const large: Record<string, string> = {};

  it('keeps files small enough to hold in the head', () => {
    const wrong = sources
      .filter(({ path, lines }) => lines > 500 && large[path] === undefined)
      .map(({ path, lines }) => `${path}: ${lines} lines`);
    expect(wrong).toEqual([]);
    expect(
      Object.keys(large).filter(
        (path) => !sources.some((source) => source.path === path && source.lines > 500),
      ),
    ).toEqual([]);
  });
});

describe('the rest', () => {
  it('has no test that is left out, and no unfinished work', () => {
    const words = new RegExp(
      [
        '\\b(it|test|describe)\\.(skip|only|todo|fails)\\b',
        '\\bTO' + 'DO\\b',
        '\\bFIX' + 'ME\\b',
        '@ts-' + 'ignore',
      ].join('|'),
    );
    const wrong = sources.filter(({ text }) => words.test(text)).map(({ path }) => path);
    expect(wrong).toEqual([]);
  });

  it('names no two operations alike, and gives each a file in the folder of its capability', () => {
    const folders = new Set(
      readdirSync(join(root, 'packages/protocol/src'), { withFileTypes: true })
        .filter((e) => e.isDirectory())
        .map((e) => e.name),
    );
    const routes = [...operations.values()].map((operation) => `${operation.method} ${operation.path}`);
    expect(routes.filter((route, index) => routes.indexOf(route) !== index)).toEqual([]);
    expect([...operations.values()].filter((operation) => !folders.has(operation.capability))).toEqual([]);
  });

  it('keeps the documents free of links that lead nowhere', () => {
    const documents = [
      ...filesBelow(join(root, 'docs')),
      ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'].map((name) => join(root, name)),
      ...filesBelow(join(root, 'packages')).filter((path) => path.endsWith('.md')),
    ];
    const broken = documents
      .filter((path) => path.endsWith('.md'))
      .flatMap((path) =>
        [...readFileSync(path, 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)(#[^)]*)?\)/g)]
          .filter(([, target]) => !exists(resolve(dirname(path), target as string)))
          .map(([, target]) => `${relative(root, path)} → ${target}`),
      );
    expect(broken).toEqual([]);
  });
});

describe('the architecture on one page', () => {
  it('names only files that are there', () => {
    const text = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
    const named = [...text.matchAll(/`((?:domain|protocol|server|agent|console|cli)\/src\/[^`]+)`/g)].map(
      (match) => match[1] as string,
    );
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((path) => !exists(join(root, 'packages', path)))).toEqual([]);
  });
});

function exists(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch {
    return false;
  }
}
