import type { DeliveryOutcome } from '@sluice/queue';

/** Of Botpress' refusals, those that are of a token, a plan or a bot. */
const HOLDING = ['401', '402', '403', '404'];

/** Of Botpress' refusals for now, those that are told one by one. */
const FOR_NOW = [425, 429];

/**
 * Why an attempt did not end in an event, from a closed list: how it died, what Botpress answered (`429`, `5xx` …),
 * `not_sent` if it was not reached, `answer_lost` if nobody knows, `operator` where one holds the connection. Empty
 * where there is nothing to tell.
 */
export function attemptReason(outcome: DeliveryOutcome): string {
  switch (outcome.kind) {
    case 'dead':
      return outcome.reason;
    case 'retry': {
      const status = outcome.detail?.status;
      if (outcome.reason.startsWith('ambiguous')) return 'answer_lost';
      if (status === undefined) return 'not_sent';
      return FOR_NOW.includes(status) ? String(status) : `${Math.floor(status / 100)}xx`;
    }
    case 'held': {
      // As a refusal tells it: `401 Unauthorized`. An operator says why in words.
      const status = /^4\d\d(?= \w+$)/.exec(outcome.reason)?.[0];
      if (status === undefined) return 'operator';
      return HOLDING.includes(status) ? status : '4xx';
    }
    case 'verifying':
      return 'answer_lost';
    case 'delivered':
    case 'erased':
    case 'recorded':
    case 'paced':
    case 'lost':
      return '';
  }
}
