import type { NotificationSettings } from '@sluice/config';
import type { Alert } from './alert.ts';
import type { Situation } from './read-situation.ts';

type Limits = Pick<NotificationSettings, 'oldestSeconds' | 'deadLetters' | 'memoryPercent'>;

export interface Finding {
  /** Undefined if Redis does not answer. */
  readonly situation: Situation | undefined;
  /** How many more dead letters there are than there were at some time within the last ten minutes. */
  readonly risen: number;
  readonly limits: Limits;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Looks in a row, for what is over by itself when a process restarts. */
const PATIENT = 2;

/** Finds what somebody should know of now. */
export function findAlerts({ situation, risen, limits, now }: Finding): Alert[] {
  if (!situation) {
    return [
      {
        key: 'redis-away',
        title: 'Redis does not answer',
        detail: 'Webhooks get 503 and are sent again by their platforms; nothing is delivered.',
        looks: PATIENT,
      },
    ];
  }
  return [
    ...heldConnections(situation),
    ...pausedReplays(situation),
    ...deadLetters(risen, limits),
    ...oldestWaiting(situation, limits, now),
    ...fullRedis(situation, limits),
    ...noWorker(situation),
  ];
}

/** Not those that an operator holds, who knows. */
function heldConnections({ holds }: Situation): Alert[] {
  return holds
    .filter(({ by }) => by === 'refusals')
    .map(({ connection, reason, waiting }) => ({
      key: `connection-held:${connection}`,
      title: `connection ${connection} is held: ${reason}`,
      detail: `Botpress refuses its token, plan or bot; ${waiting} deliveries wait. It goes on by itself once that is mended.`,
    }));
}

/** Not those that an operator has paused, who knows. */
function pausedReplays({ replays }: Situation): Alert[] {
  return replays
    .filter(({ pausedBy }) => pausedBy === 'failures')
    .map(({ id, died, replayed }) => ({
      key: `replay-paused:${id}`,
      title: `replay ${id} has paused itself`,
      detail: `${died} of ${replayed} died again. Mend the cause, then: sluice replay resume ${id}`,
    }));
}

function deadLetters(risen: number, { deadLetters: limit }: Limits): Alert[] {
  if (risen < limit) return [];
  const detail = `${risen} more in ten minutes. What went wrong: sluice dead-letters groups`;
  return [{ key: 'dead-letters', title: 'dead letters are rising', detail }];
}

function oldestWaiting({ oldest }: Situation, { oldestSeconds }: Limits, now: number): Alert[] {
  const seconds = oldest === undefined ? 0 : Math.round((now - oldest) / 1000);
  if (seconds < oldestSeconds) return [];
  return [
    {
      key: 'oldest-waiting',
      title: `a delivery has waited for ${seconds} s to be taken`,
      detail: 'Workers are too few, too slow or stuck. Those that a bot’s limit keeps back are not counted.',
    },
  ];
}

function fullRedis({ memoryRatio }: Situation, { memoryPercent }: Limits): Alert[] {
  const percent = Math.floor(memoryRatio * 100);
  if (percent < memoryPercent) return [];
  return [
    {
      key: 'redis-memory',
      title: `Redis uses ${percent} % of its memory`,
      detail: 'Near its limit webhooks get 503. Dead letters and a backlog take most of it.',
    },
  ];
}

function noWorker({ hasWorkers }: Situation): Alert[] {
  if (hasWorkers !== false) return [];
  const detail = 'Webhooks are stored, and nothing is delivered.';
  return [{ key: 'no-worker', title: 'no worker is connected', detail, looks: PATIENT }];
}
