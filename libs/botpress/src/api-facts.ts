/**
 * How the type of an event is listed: as it was sent, or with the name of the integration before it. Botpress documents
 * both for integrations.
 */
export type TypeForm = 'bare' | 'prefixed' | 'other';

/** What a probe of the API showed. A lookup that relies on anything else proves nothing. */
export interface ApiFacts {
  /** Milliseconds since the epoch. */
  readonly probedAt: number;
  /** Version of `@botpress/client`. */
  readonly client: string;
  readonly botId: string;
  readonly typeForm: TypeForm;
  /** Whether listEvents finds the event by its type as sent. */
  readonly isFoundByType: boolean;
  /** Whether listEvents finds the event without a type. */
  readonly isFoundInAll: boolean;
  /** Milliseconds from createEvent to the first list that contained the event; null if none did. */
  readonly listedAfter: number | null;
  /** Effect of `pageSize`, which is in the client but in no description of the API. */
  readonly pageSize: 'honored' | 'ignored' | 'rejected' | 'unknown';
  /** Events on a page of which 100 were requested. */
  readonly pageLength: number | null;
  /** Rate limit headers of createEvent. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether listEvents counts toward the rate limit; null if no header shows it. */
  readonly readsCount: boolean | null;
}

/** A kind of caller at one API. The API treats all callers of a kind in the same way. */
export interface ApiCaller {
  readonly apiUrl: string;
  readonly caller: 'bot' | 'integration';
}

/** Returns under what the facts of a target are recorded. It contains no secret. */
export function callerOf({
  apiUrl,
  integrationId,
  integrationAlias,
}: {
  readonly apiUrl: string;
  readonly integrationId?: string | undefined;
  readonly integrationAlias?: string | undefined;
}): ApiCaller {
  const isIntegration = integrationId !== undefined || integrationAlias !== undefined;
  return { apiUrl: apiUrl.replace(/\/+$/, ''), caller: isIntegration ? 'integration' : 'bot' };
}

/** Returns the form in which a type is listed. */
export function typeFormOf(listed: string, sent: string): TypeForm {
  if (listed === sent) return 'bare';
  return listed.endsWith(`:${sent}`) ? 'prefixed' : 'other';
}

/** Reads facts as they were stored in JSON. Returns `undefined` for anything else: the API then counts as not probed. */
export function parseFacts(text: string | null | undefined): ApiFacts | undefined {
  if (!text) return undefined;
  try {
    const facts = JSON.parse(text) as Partial<Record<keyof ApiFacts, unknown>> | null;
    const isValid =
      typeof facts?.probedAt === 'number' &&
      ['bare', 'prefixed', 'other'].includes(String(facts.typeForm)) &&
      typeof facts.isFoundByType === 'boolean' &&
      typeof facts.isFoundInAll === 'boolean' &&
      (facts.listedAfter === null || typeof facts.listedAfter === 'number');
    return isValid ? (facts as unknown as ApiFacts) : undefined;
  } catch {
    return undefined;
  }
}
