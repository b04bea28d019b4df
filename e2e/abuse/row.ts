import { setTimeout } from 'node:timers/promises';
import type { Target } from './target.ts';

/** A row of the abuse matrix, or one of several that prove it. */
export interface Row {
  /** Its number in the matrix. */
  readonly row: number;
  /** What is thrown at the edge. */
  readonly input: string;
  readonly expected: string;
  /** Throws it, and tells what came of it in the words of `expected`. */
  run(target: Target): Promise<RowResult>;
}

/** `detail` is printed beside it and compared with nothing: counts, milliseconds. */
export type RowResult = string | { readonly got: string; readonly detail: string };

/** How a row ended. */
export interface Outcome {
  readonly row: Row;
  readonly ok: boolean;
  readonly got: string;
  readonly detail: string;
}

/** Milliseconds; the slowest row takes a third of it. What waits longer waits for something that never comes. */
const DEADLINE = 100_000;

/** Runs one row. What it throws is an outcome too, and so is no end. */
export async function runRow(row: Row, target: Target): Promise<Outcome> {
  const deadline = new AbortController();
  const late = setTimeout(DEADLINE, { got: 'no end', detail: '' }, { signal: deadline.signal });
  // Aborted, as it nearly always is.
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

/** What came of each variant, by its name. */
export type Variants = readonly (readonly [name: string, got: string])[];

/** One word if all variants ended alike; else what each that differs from `expected` got. */
export function summarize(variants: Variants, expected: string): { got: string; detail: string } {
  const odd = variants.filter(([, got]) => got !== expected);
  const detail = `${variants.length} variants`;
  if (odd.length === 0) return { got: expected, detail };
  return { got: odd.map(([name, got]) => `${name}: ${got}`).join('; '), detail };
}

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
