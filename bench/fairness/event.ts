/** Where events come from and go to. */
export interface Flow {
  readonly connection: string;
  readonly bot: string;
  readonly eventsPerMinute: number;
  /** Weight against other connections of the same bot. */
  readonly share: number;
}

/** What the queue stores of an event. */
export interface EventData extends Flow {
  readonly body: string;
  /** Virtual finish time, where the variant gives one. */
  readonly finish?: number;
}

/** As long as a Shopify order, and as hard to compress for the wire: bytes that do not repeat. */
export const BODY = Array.from({ length: 1_000 }, (_, index) =>
  ((index * 2_654_435_761) >>> 0).toString(16).padStart(8, '0'),
).join('');
