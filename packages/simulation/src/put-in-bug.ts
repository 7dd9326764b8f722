/**
 * Loaded before a simulated world (`node --import`): puts the known bug that ESTOVER_KNOWN_BUG names into the source of
 * the product while it is loaded. No file changes, and no other process has it.
 */
import { registerHooks } from 'node:module';
import { knownBugs } from './known-bugs.ts';

const name = process.env['ESTOVER_KNOWN_BUG'];
const bug = knownBugs.find((known) => known.name === name);
if (bug === undefined) throw new Error(`There is no known bug ${name}.`);

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith(`/packages/${bug.file}`)) return loaded;
    const source = Buffer.from((loaded.source ?? '') as string | Uint8Array).toString();
    if (source.split(bug.find).length !== 2) {
      throw new Error(`${bug.file} has the text of the known bug ${bug.name} not once: ${bug.find}`);
    }
    return { ...loaded, source: source.replace(bug.find, () => bug.replace) };
  },
});
