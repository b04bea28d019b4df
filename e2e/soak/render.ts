import { passed } from '../faults/row.ts';
import { afterWarmUp, type MemorySample, slopeOf } from './memory-curve.ts';
import type { Round } from './round.ts';
import type { SoakOutcome } from './run-soak.ts';

interface Column {
  readonly title: string;
  readonly width: number;
  of(round: Round, before: Round | undefined): string | number;
}

/** Returns the increase in a round. The measures are those of the whole soak. */
const grown = (name: 'sent' | 'accepted' | 'created' | 'dead' | 'reconciled') => ({
  of: ({ measures }: Round, before: Round | undefined) => measures[name] - (before?.measures[name] ?? 0),
});

const COLUMNS: readonly Column[] = [
  { title: 'round', width: 5, of: ({ round }) => round },
  { title: 'sent', width: 6, ...grown('sent') },
  { title: '2xx', width: 6, ...grown('accepted') },
  { title: 'created', width: 7, ...grown('created') },
  { title: 'dead', width: 4, ...grown('dead') },
  { title: 'lost', width: 4, of: ({ measures }) => measures.lost },
  { title: 'extra', width: 5, of: ({ measures }) => measures.extra },
  { title: 'reconciled', width: 10, ...grown('reconciled') },
  { title: 'drain, s', width: 8, of: ({ drain }) => drain.toFixed(1) },
  { title: 'verdict', width: 7, of: (round) => (passed(round) ? 'ok' : 'FAILED') },
  { title: 'faults', width: 0, of: ({ injected }) => listFaults(injected.map(({ name }) => name)) },
];

/** Returns the column titles. */
export const renderTitles = (): string =>
  COLUMNS.map(({ title, width }) => title.padStart(width)).join(' | ');

/** Returns the line of a round. */
export const renderRound = (round: Round, before: Round | undefined): string =>
  COLUMNS.map(({ of, width }) => String(of(round, before)).padStart(width)).join(' | ');

const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;

/** Returns titles and rounds as Markdown. */
export function renderMarkdown(rounds: readonly Round[]): string {
  return [
    line(COLUMNS.map(({ title }) => title)),
    line(COLUMNS.map(() => '---')),
    ...rounds.map((round, index) => line(COLUMNS.map(({ of }) => of(round, rounds[index - 1])))),
  ].join('\n');
}

/** Summarizes a soak in one line. */
export function renderSum({ rounds, sent, responses, seconds, options, broken }: SoakOutcome): string {
  const failed = rounds.filter((round) => !passed(round)).length;
  const last = rounds.at(-1)?.measures;
  const faults = rounds.reduce((sum, { injected }) => sum + injected.length, 0);
  const statuses = [...responses].map(([status, count]) => `${count} × ${status || 'none'}`).join(', ');
  return [
    `${rounds.length} rounds, ${failed} failed${broken === undefined ? '' : `; aborted: ${broken}`}`,
    `${faults} faults`,
    `${sent} webhooks sent (responses: ${statuses})`,
    `${last?.created ?? 0} created, ${last?.dead ?? 0} dead, ${last?.reconciled ?? 0} reconciled`,
    `lost ${last?.lost ?? '–'}, extra ${last?.extra ?? '–'}`,
    `${Math.round(seconds)} s, seed ${options.seed}`,
  ].join('; ');
}

/** Renders the memory of each process at the start and at the end. */
export function renderMemory(memory: SoakOutcome['memory']): string {
  const [start, end] = [memory[0], memory.at(-1)];
  const names = end?.processes.map(({ name }) => name) ?? [];
  return `Memory at start and end, MiB: ${names.map((name) => `${name} ${mibOf(start, name)} → ${mibOf(end, name)}`).join(', ')}`;
}

/** Renders the memory of each process every ten minutes, with its growth after the warm-up. */
export function renderCurve(memory: SoakOutcome['memory']): string {
  const names = memory.at(-1)?.processes.map(({ name }) => name) ?? [];
  const shown = memory.filter(({ minutes }, place) => {
    const before = memory[place - 1]?.minutes ?? -1;
    return Math.floor(minutes / 10) > Math.floor(before / 10) || place === memory.length - 1;
  });
  const settled = afterWarmUp(memory);
  return [
    line(['minute', ...names]),
    line(['---', ...names.map(() => '---')]),
    ...shown.map((sample) => {
      const minute = sample === memory.at(-1) ? 'end' : sample.minutes.toFixed(0);
      return line([minute, ...names.map((name) => mibOf(sample, name))]);
    }),
    line(['growth, MiB an hour', ...names.map((name) => slopeOf(settled, name).toFixed(1))]),
  ].join('\n');
}

const mibOf = (sample: MemorySample | undefined, name: string): string =>
  sample?.processes.find((process) => process.name === name)?.mib?.toFixed(0) ?? '–';

/** Lists each fault once, with its count. */
function listFaults(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => (count > 1 ? `${name} × ${count}` : name)).join(', ');
}
