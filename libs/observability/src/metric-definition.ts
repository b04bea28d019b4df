/** A metric of the catalogue. */
export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  /** The app that exposes it. */
  readonly app: 'ingest' | 'worker' | 'console';
  /** HELP text: one noun phrase. */
  readonly help: string;
  /** Meaning of each label. Values come from configuration or closed lists, never from the content of a request. */
  readonly labels: Readonly<Record<string, string>>;
  /**
   * How to combine the values of several processes. `max` marks what every process reports the same, because it
   * describes the queue, Redis or the connections file.
   */
  readonly across: 'sum' | 'max';
  /** Upper bounds of a histogram. */
  readonly buckets?: readonly number[];
}
