/** One HTTP request from a platform, of which nothing is proved yet. */
export interface UnverifiedWebhook {
  /** Names in lower case; a header sent more than once is joined as Node joins it. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The bytes as they came: signatures are over these, never over anything parsed. */
  readonly body: Buffer;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

declare const verified: unique symbol;

/** A webhook whose sender knew a secret of the connection. Only `verifyWebhook` makes one. */
export interface VerifiedWebhook extends UnverifiedWebhook {
  readonly [verified]: true;
}
