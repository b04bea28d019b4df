import { benchConnections } from './connections.ts';

/** `npm run bench <name>`: each prints its numbers as a table, medians of alternated rounds. */
const benches: Record<string, () => Promise<void>> = { connections: benchConnections };

const name = process.argv[2] ?? '';
const bench = benches[name];
if (!bench) {
  process.stderr.write(`no benchmark "${name}"; there are: ${Object.keys(benches).join(', ')}\n`);
  process.exit(2);
}
await bench();
