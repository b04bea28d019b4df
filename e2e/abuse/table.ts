import type { Outcome } from './row.ts';

/** Prints `row | input | expected | got`, one line each. */
export function renderTable(outcomes: readonly Outcome[]): string {
  const lines = outcomes.map(({ row, ok, got, detail }) => [
    String(row.row),
    row.input,
    row.expected,
    `${ok ? '' : 'FAILED '}${got}${detail ? ` (${detail})` : ''}`,
  ]);
  const all = [['row', 'input', 'expected', 'got'], ...lines];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((line) => line[column]?.length ?? 0)));
  return all
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join(' | ')
        .trimEnd(),
    )
    .join('\n');
}
