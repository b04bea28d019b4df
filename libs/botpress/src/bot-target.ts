/** Where events go, and as whom. */
export interface BotTarget {
  readonly apiUrl: string;
  readonly botId: string;
  /** With it the event's bare name is sent, and the bot sees `integration:name`. */
  readonly integrationId?: string;
  readonly integrationAlias?: string;
  readonly token: string;
}
