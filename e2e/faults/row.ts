import type { Scene, SceneOptions } from './scene.ts';
import type { Workspace } from './workspace.ts';

/** A row of the fault matrix, or one of several that prove it. */
export interface Row {
  /** Its number in the matrix. */
  readonly row: number;
  readonly fault: string;
  /** When it passes, besides Lost = 0. */
  readonly passes: string;
  readonly options?: SceneOptions | ((workspace: Workspace) => SceneOptions | Promise<SceneOptions>);
  /** What the ledgers must show; lost is `none` unless given, extra is `any`. */
  readonly lost?: Expectation;
  readonly extra?: Expectation;
  /** Dead letters that there are in the end; 0 unless given. */
  readonly dead?: number;
  /**
   * What `sluice ledger` says beside the oracle: that it `agrees`, unless given. `rolled back`: Redis forgot what it
   * had told, and the ledger with it, so it is not compared.
   */
  readonly ledger?: 'agrees' | 'disagrees' | 'rolled back';
  /** Seconds after which it has failed; 300 unless given. */
  readonly deadline?: number;
  /** Causes the fault under load, waits until all is well again, and checks what the row promises. */
  run(scene: Scene): Promise<void>;
}

/** `any` is measured and not judged; `one` and `some` are what a mutant of the pipeline must show. */
export type Expectation = 'none' | 'one' | 'some' | 'any';

/** One thing that had to be so. */
export interface Check {
  readonly what: string;
  readonly ok: boolean;
  readonly got: string;
}

/** What was counted and timed in a row. */
export interface Measures {
  /** Different things that were sent, whatever number of times. */
  readonly sent: number;
  /** Deliveries that got a 2xx. */
  readonly accepted: number;
  readonly created: number;
  readonly dead: number;
  readonly lost: number;
  readonly extra: number;
  /** Deliveries whose event was found at Botpress instead of being sent again. */
  readonly reconciled: number;
  /** Milliseconds from the fault to the first 503. */
  readonly first503: number | undefined;
  /** Seconds from the fault's end until all was well. */
  readonly recovery: number | undefined;
  /** MiB that ingest held at most; undefined where nothing tells. */
  readonly memory: number | undefined;
  /** As Redis says: always, everysec, no. */
  readonly fsync: string;
}

export interface Outcome {
  readonly row: Row;
  readonly seed: number;
  readonly seconds: number;
  /** Undefined where the row broke before its ledgers could be read. */
  readonly measures: Measures | undefined;
  /** What was checked, with what it came to. */
  readonly checks: readonly Check[];
}

/** Whether all that had to be so was. */
export const passed = ({ checks }: Pick<Outcome, 'checks'>): boolean => checks.every(({ ok }) => ok);
