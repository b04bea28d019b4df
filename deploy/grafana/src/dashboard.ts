/** What a panel asks Prometheus. */
export interface Target {
  readonly expr: string;
  /** How a series is called, with `{{label}}`. */
  readonly legend: string;
  /** Why there may be nothing to show where all is well; without it, there must be something. */
  readonly mayBeEmpty?: string;
}

export interface Panel {
  /** A question. */
  readonly title: string;
  /** What the answer means, and what to do. */
  readonly description: string;
  /** As Grafana calls it: `s`, `reqps`, `percentunit`, `bytes`, `short` … */
  readonly unit: string;
  /** Over time unless said. `stat`: one number now; `list`: a row for each series now. */
  readonly kind?: 'timeseries' | 'stat' | 'list';
  readonly targets: readonly Target[];
  /** From here on it is yellow, then red. */
  readonly thresholds?: readonly [warn: number, bad: number];
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Dashboard {
  /** Of its address, and of the file. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** Chosen at the top: the name of a label, and a metric whose values it takes. */
  readonly variables?: readonly { readonly name: string; readonly metric: string }[];
  readonly rows: readonly Row[];
}
