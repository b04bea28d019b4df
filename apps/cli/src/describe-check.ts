import type { TargetCheck } from '@sluice/botpress';

/** What the check of a target came to, for people and for scripts. */
export interface CheckRow {
  readonly result: TargetCheck['kind'] | 'ok_unknown_events';
  /** What is wrong or not known, and what to do about it; null when all is well. */
  readonly detail: string | null;
  /** Events that the integration does not define. */
  readonly undefinedEvents: readonly string[];
}

/** Describes the check of a target; holds neither token nor payload. */
export function describeCheck(check: TargetCheck): CheckRow {
  switch (check.kind) {
    case 'ok':
      if (check.definitions.known) return row('ok', null);
      return row('ok_unknown_events', `events unknown (${check.definitions.reason})`);
    case 'token_refused':
      return row(
        check.kind,
        `token refused (${check.status}): it is not a token of this bot, or was revoked`,
      );
    case 'bot_unknown':
      return row(check.kind, 'bot unknown: check botId');
    case 'integration_unknown':
      return row(
        check.kind,
        'integration unknown: check integrationId, that it is installed in the bot, and --workspace',
      );
    case 'events_undefined':
      return {
        ...row(check.kind, `event not defined [${check.events.join(', ')}]: deploy the integration again`),
        undefinedEvents: check.events,
      };
    case 'refused':
      return row(check.kind, `refused: ${check.reason}`);
    case 'not_reachable':
      return row(check.kind, `not reachable: ${check.reason}`);
  }
}

/** Whether a result is something to be mended; what could not be looked at is not. */
export function isWrong({ result }: CheckRow): boolean {
  return result !== 'ok' && result !== 'ok_unknown_events';
}

function row(result: CheckRow['result'], detail: string | null): CheckRow {
  return { result, detail, undefinedEvents: [] };
}
