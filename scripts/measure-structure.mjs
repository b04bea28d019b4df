// Measures language and structure of a checkout: `node scripts/measure-structure.mjs [folder] [--json]`.
// Words are those of this checkout's docs/contributing/banned-words.txt. Type imports count as imports.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findBannedWords, isChecked, readBannedWords } from './banned-words.mjs';
import { functionLengths } from './functions.mjs';
import { cyclesOf, DECLARED_ORDERS, importGraph, isProduction, listFiles, unitOf } from './source-tree.mjs';

const args = process.argv.slice(2);
const root = resolve(args.find((arg) => !arg.startsWith('--')) ?? '.');
const files = listFiles(root);
const read = (file) => readFileSync(join(root, file), 'utf8');
const production = files.filter(isProduction);

const percent = (part, whole) => `${((100 * part) / whole).toFixed(1)} %`;
const ascending = (values) => values.toSorted((one, other) => one - other);
const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];

function measureWords() {
  const words = readBannedWords();
  return files.filter(isChecked).reduce((sum, file) => sum + findBannedWords(read(file), words).length, 0);
}

function measureFiles() {
  const lines = ascending(production.map((file) => read(file).split('\n').length - 1));
  return {
    count: lines.length,
    lines: lines.reduce((sum, one) => sum + one, 0),
    median: quantile(lines, 0.5),
    short: lines.filter((one) => one < 30).length,
    long: lines.filter((one) => one > 400).length,
  };
}

function measureFunctions() {
  const lengths = ascending(production.flatMap((file) => functionLengths(read(file))));
  return { count: lengths.length, p50: quantile(lengths, 0.5), p90: quantile(lengths, 0.9) };
}

/** Of one app or library: cycles among its files, and among the folders and files directly below its `src`. */
function measureRoom(room) {
  const graph = importGraph(
    root,
    production.filter((file) => file.startsWith(`${room}/`)),
  );
  const units = new Map();
  const edges = [];
  for (const [file, targets] of graph) {
    const from = unitOf(file);
    if (!units.has(from)) units.set(from, []);
    for (const target of targets) {
      const to = unitOf(target);
      if (from === to) continue;
      edges.push([from, to]);
      units.get(from).push(to);
    }
  }
  const cycles = cyclesOf(graph);
  const largest = Math.max(0, ...cyclesOf(units).map(({ length }) => length));
  const declared = DECLARED_ORDERS[room];
  const isDeclared = [...units.keys()].every((unit) => declared?.includes(unit));
  const order = isDeclared ? declared : bestOrder([...units.keys()], edges);
  return {
    room,
    files: graph.size,
    cycles: cycles.length,
    filesInCycles: cycles.flat().length,
    unitsInLargestCycle: largest,
    upward: countUpward(order, edges),
    order: isDeclared ? 'declared' : 'best',
  };
}

function countUpward(order, edges) {
  const rank = new Map(order.map((unit, index) => [unit, index]));
  return edges.filter(([from, to]) => rank.get(from) > rank.get(to)).length;
}

/** The order with the fewest upward imports that moving single units finds; the count is an upper bound of the least. */
function bestOrder(units, edges) {
  let order = depthFirst(units.toSorted(), edges);
  let best = countUpward(order, edges);
  for (let isBetter = best > 0; isBetter; ) {
    isBetter = false;
    for (const unit of units) {
      const others = order.filter((one) => one !== unit);
      for (let at = 0; at <= others.length; at++) {
        const tried = others.toSpliced(at, 0, unit);
        const count = countUpward(tried, edges);
        if (count >= best) continue;
        [order, best, isBetter] = [tried, count, true];
      }
    }
  }
  return order;
}

/** An order in which importers come first, as far as cycles allow. */
function depthFirst(units, edges) {
  const order = [];
  const seen = new Set();
  const visit = (unit) => {
    if (seen.has(unit)) return;
    seen.add(unit);
    for (const [from, to] of edges) if (from === unit) visit(to);
    order.unshift(unit);
  };
  for (const unit of units) visit(unit);
  return order;
}

/** Names that a module exports by list or declaration. */
function countExports(file) {
  const code = read(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  const listed = [...code.matchAll(/export\s+(?:type\s+)?\{([^}]*)\}/g)].flatMap(([, list]) =>
    list.split(',').filter((name) => name.trim() !== ''),
  );
  const declared = code.match(/^export\s+(?:async\s+)?(?:const|function|class|interface|type\s+\w)/gm) ?? [];
  return listed.length + declared.length;
}

const count = measureFiles();
const functions = measureFunctions();
const rooms = [...new Set(production.map((file) => file.split('/').slice(0, 2).join('/')))].map(measureRoom);
const queueIndex = 'libs/queue/src/index.ts';
const measured = {
  bannedWords: measureWords(),
  production: count,
  functions,
  rooms,
  queueExports: files.includes(queueIndex) ? countExports(queueIndex) : 0,
};

if (args.includes('--json')) console.log(JSON.stringify(measured));
else {
  const facts = [
    ['banned words (code, docs, YAML, Lua, JSON)', measured.bannedWords],
    ['production files (apps, libs; no tests or test helpers)', count.count],
    ['lines of them', count.lines],
    ['median lines of a file', count.median],
    ['files under 30 lines', `${count.short} (${percent(count.short, count.count)})`],
    ['files over 400 lines', count.long],
    ['functions with a body in braces', functions.count],
    ['lines of a function, p50', functions.p50],
    ['lines of a function, p90', functions.p90],
    ['public exports of libs/queue', measured.queueExports],
    ['import cycles among files', rooms.reduce((sum, { cycles }) => sum + cycles, 0)],
  ];
  for (const [name, value] of facts) console.log(`${name.padEnd(60)}${String(value).padStart(14)}`);
  console.log(
    `\n${'room'.padEnd(22)}${['files', 'cycles', 'in cycles', 'largest cycle of folders', 'upward imports'].map((title) => title.padStart(title.length + 3)).join('')}`,
  );
  for (const room of rooms) {
    const cells = [
      String(room.files).padStart(8),
      String(room.cycles).padStart(9),
      String(room.filesInCycles).padStart(12),
      String(room.unitsInLargestCycle).padStart(27),
      `${room.upward}`.padStart(17),
      `   ${room.order} order`,
    ];
    console.log(`${room.room.padEnd(22)}${cells.join('')}`);
  }
}
