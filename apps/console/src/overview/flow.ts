/** What came and went of a connection in some time. */
export interface Flow {
  /** Deliveries that webhooks brought, with those sent again and those that nobody asked for. */
  readonly webhooks: number;
  /** Those that are to become events, with replays. */
  readonly accepted: number;
  readonly events: number;
}

export const noFlow: Flow = { webhooks: 0, accepted: 0, events: 0 };

export function plus(one: Flow, other: Flow): Flow {
  return {
    webhooks: one.webhooks + other.webhooks,
    accepted: one.accepted + other.accepted,
    events: one.events + other.events,
  };
}
