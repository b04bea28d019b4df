import type { FailureDetail } from '@sluice/queue';
import type { CliContext } from '../context.ts';

/** Replaces control characters of foreign text, which could write to the terminal. */
export const oneLine = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');

/** Formats a number: 12,345. */
export const formatCount = (count: number): string => count.toLocaleString('en-US');

/** Formats a time, given in milliseconds since the epoch. */
export const formatTime = (at: number): string => new Date(at).toISOString();

/** Returns a failure in one line: its first issue, else its message. */
export function failureLine({ message, issues = [] }: FailureDetail): string {
  const [issue] = issues;
  return oneLine(issue ? `${issue.path}: ${issue.message}` : message);
}

/** Renders rows with the same keys as a table, with `-` for null. Expects at least one row. */
export function renderTable(rows: readonly object[]): string {
  const header = Object.keys(rows[0] ?? {});
  const lines = [header.map((key) => key.toUpperCase()), ...rows.map((row) => Object.values(row).map(cell))];
  const widths = header.map((_, column) =>
    lines.reduce((width, line) => Math.max(width, line[column]?.length ?? 0), 0),
  );
  return lines
    .map((line) =>
      line
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cell(value: unknown): string {
  if (value === null) return '-';
  return Array.isArray(value) ? value.join(', ') : String(value);
}

const BAR_WIDTH = 24;

/** Renders a progress bar: `[████████················]  33 %`. */
export function renderBar(done: number, total: number): string {
  const share = total > 0 ? Math.min(1, done / total) : 1;
  const filled = Math.round(share * BAR_WIDTH);
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `[${'█'.repeat(filled)}${'·'.repeat(BAR_WIDTH - filled)}] ${percent} %`;
}

/**
 * Creates a function that shows progress on the terminal. Without a terminal it shows nothing.
 *
 * @param total undefined: show only the count
 */
export function createProgress(
  { status }: Pick<CliContext, 'status'>,
  action: string,
  total?: number,
): (done: number) => void {
  return (done) => {
    if (total === undefined) status?.(`${action} ${formatCount(done)}`);
    else status?.(`${renderBar(done, total)}  ${action} ${formatCount(done)} of ${formatCount(total)}`);
  };
}
