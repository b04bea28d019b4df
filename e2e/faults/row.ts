import type { Scene, SceneOptions } from './scene.ts';
import type { Workspace } from './workspace.ts';

/** A row of the fault matrix, or one of several variants of it. */
export interface Row {
  /** Number in the matrix. */
  readonly row: number;
  readonly fault: string;
  /** Criterion besides lost = 0. */
  readonly passes: string;
  readonly options?: SceneOptions | ((workspace: Workspace) => SceneOptions | Promise<SceneOptions>);
  /** Expected differences between the ledgers. Defaults: lost `none`, extra `any`. */
  readonly lost?: Expectation;
  readonly extra?: Expectation;
  /** Expected dead letters at the end. Default: 0. */
  readonly dead?: number;
  /**
   * Expected result of `sluice ledger` compared with the oracle. Default: `agrees`. `rolled back`: Redis lost
   * acknowledged writes and the ledger with them, so they are not compared.
   */
  readonly ledger?: 'agrees' | 'disagrees' | 'rolled back';
  /** Timeout in seconds. Default: 300. */
  readonly deadline?: number;
  /** Causes the fault under load, waits for recovery and checks the criterion. */
  run(scene: Scene): Promise<void>;
}

/** `any` is measured without a check. `one` and `some` are required of mutants. */
export type Expectation = 'none' | 'one' | 'some' | 'any';

/** One checked condition. */
export interface Check {
  readonly what: string;
  readonly ok: boolean;
  readonly got: string;
}

/** Counts and times of a row. */
export interface Measures {
  /** Distinct webhooks sent. */
  readonly sent: number;
  /** Deliveries acknowledged with a 2xx. */
  readonly accepted: number;
  readonly created: number;
  readonly dead: number;
  readonly lost: number;
  readonly extra: number;
  /** Deliveries whose event was found at Botpress instead of resent. */
  readonly reconciled: number;
  /** Milliseconds from the start of the fault to the first 503. */
  readonly first503: number | undefined;
  /** Seconds from the end of the fault to recovery. */
  readonly recovery: number | undefined;
  /** Highest memory of ingest in MiB; undefined without /proc. */
  readonly memory: number | undefined;
  /** Redis' appendfsync: always, everysec or no. */
  readonly fsync: string;
}

export interface Outcome {
  readonly row: Row;
  readonly seed: number;
  readonly seconds: number;
  /** Undefined if the row failed before its ledgers were read. */
  readonly measures: Measures | undefined;
  /** All checks with their results. */
  readonly checks: readonly Check[];
}

/** Whether all checks passed. */
export const passed = ({ checks }: Pick<Outcome, 'checks'>): boolean => checks.every(({ ok }) => ok);
