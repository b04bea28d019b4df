/** Whether a target would take events, as far as it can be asked without creating one. */
export type TargetCheck =
  | { readonly kind: 'ok'; readonly definitions: Definitions }
  /** 401, or 403: it is not a token of this bot. */
  | { readonly kind: 'token_refused'; readonly status: number }
  | { readonly kind: 'bot_unknown' }
  | { readonly kind: 'integration_unknown' }
  /** All answers, but the integration does not define these. */
  | { readonly kind: 'events_undefined'; readonly events: readonly string[] }
  /** Somebody answered, but neither yes nor no: an unpaid workspace, a limit, a proxy. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'not_reachable'; readonly why: string };

/** Whether the integration's event definitions were compared; `why` not is for the operator. */
export type Definitions = { readonly known: true } | { readonly known: false; readonly why: string };
