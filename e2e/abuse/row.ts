import { setTimeout } from 'node:timers/promises';
import type { Target } from './target.ts';

/** A row of the abuse matrix, or one of several variants of it. */
export interface Row {
  /** Number in the matrix. */
  readonly row: number;
  /** Description of the hostile input. */
  readonly input: string;
  readonly expected: string;
  /** Sends the input and returns the result in the words of `expected`. */
  run(target: Target): Promise<RowResult>;
}

/** `detail` is printed and not compared: counts, milliseconds. */
export type RowResult = string | { readonly got: string; readonly detail: string };

/** The result of a row. */
export interface Outcome {
  readonly row: Row;
  readonly ok: boolean;
  readonly got: string;
  readonly detail: string;
}

/** Milliseconds after which a row counts as hung. The slowest row takes a third of it. */
const DEADLINE = 100_000;

/** Runs a row. An exception or a timeout is a failed outcome. */
export async function runRow(row: Row, target: Target): Promise<Outcome> {
  const deadline = new AbortController();
  const late = setTimeout(DEADLINE, { got: 'timed out', detail: '' }, { signal: deadline.signal });
  // Rejects when it is aborted, which is the normal case.
  late.catch(() => {});
  try {
    const result = await Promise.race([row.run(target), late]);
    const { got, detail } = typeof result === 'string' ? { got: result, detail: '' } : result;
    return { row, ok: got === row.expected, got, detail };
  } catch (error) {
    return { row, ok: false, got: `threw ${error instanceof Error ? error.message : error}`, detail: '' };
  } finally {
    deadline.abort();
  }
}

/** Results of variants, by name. */
export type Variants = readonly (readonly [name: string, got: string])[];

/** Returns the common result of all variants, or the results that differ from `expected`. */
export function summarize(variants: Variants, expected: string): { got: string; detail: string } {
  const odd = variants.filter(([, got]) => got !== expected);
  const detail = `${variants.length} variants`;
  if (odd.length === 0) return { got: expected, detail };
  return { got: odd.map(([name, got]) => `${name}: ${got}`).join('; '), detail };
}

/** Renders the lines `row | input | expected | got`. */
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
