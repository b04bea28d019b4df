/** A Prometheus query of a panel. */
export interface Target {
  readonly expr: string;
  /** Name of a series, with `{{label}}` placeholders. */
  readonly legend: string;
  /** Condition under which the query has no data in normal operation. Without it, the query must have data. */
  readonly emptyWhen?: string;
}

export interface Panel {
  /** Noun phrase. */
  readonly title: string;
  /** Meaning of the values, and the action to take. */
  readonly description: string;
  /** Grafana unit: `s`, `reqps`, `percentunit`, `bytes`, `short` … */
  readonly unit: string;
  /** Default: `timeseries`. `stat`: one current number. `list`: one row per series, current values. */
  readonly kind?: 'timeseries' | 'stat' | 'list';
  readonly targets: readonly Target[];
  /** Values from which the panel is yellow and red. */
  readonly thresholds?: readonly [warn: number, bad: number];
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Dashboard {
  /** Part of the dashboard's URL, and its file name. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** Selectable variables: a label, and a metric that provides its values. */
  readonly variables?: readonly { readonly name: string; readonly metric: string }[];
  readonly rows: readonly Row[];
}
