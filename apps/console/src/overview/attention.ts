import { maskText } from '@sluice/events';
import { remedyOf } from '@sluice/queue';
import { collectAlerts, type SystemState } from '../notifications/collect-alerts.ts';

/** `page`: deliveries are stuck or at risk. `ticket`: some are. `note`: an operator knows. */
export type Severity = 'page' | 'ticket' | 'note';

/** A condition that needs attention, and its path in the page. */
export interface Attention {
  readonly severity: Severity;
  readonly connection?: string;
  readonly text: string;
  readonly to: string;
}

export interface AttentionSources {
  readonly state: SystemState;
  readonly ledgerHolds: boolean;
  /** Number of dead letters that failed within the last hour, and its start. */
  readonly recentlyDead: number;
  readonly hourAgo: number;
  /** Minutes without webhooks, of connections for which that is unusual. */
  readonly silent: ReadonlyMap<string, number>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The default limits of notifications. Dead letters have their own condition here. */
const LIMITS = { oldestSeconds: 300, deadLetters: Number.POSITIVE_INFINITY, memoryPercent: 80 };

/** Severity and path of the alerts shown here. */
const ALERTS: Readonly<Record<string, readonly [Severity, (id: string) => string]>> = {
  'no-worker': ['page', () => '/'],
  'oldest-waiting': ['page', () => '/connections'],
  'redis-memory': ['page', () => '/'],
  'replay-paused': ['ticket', (id) => `/replays/${id}`],
};

const ORDER: readonly Severity[] = ['page', 'ticket', 'note'];

/** Returns what needs attention, most urgent first. */
export function findAttention(sources: AttentionSources): readonly Attention[] {
  const { state, now } = sources;
  const alerts = collectAlerts({ state, increase: 0, limits: LIMITS, now }).flatMap(
    ({ key, title, detail }) => {
      const [kind = '', id = ''] = key.split(':');
      const [severity, to] = ALERTS[kind] ?? [];
      return severity && to ? [{ severity, text: `${title}. ${detail}`, to: to(id) }] : [];
    },
  );
  const all = [...alerts, ...ledger(sources), ...holds(state), ...failures(sources), ...silences(sources)];
  return ORDER.flatMap((severity) => all.filter((one) => one.severity === severity));
}

function ledger({ ledgerHolds }: AttentionSources): Attention[] {
  if (ledgerHolds) return [];
  const text =
    'The ledger does not balance: accepted ≠ delivered + recorded + erased + dead + pending. List the differences: sluice ledger';
  return [{ severity: 'page', text, to: '/' }];
}

/** Includes connections that an operator paused and may have forgotten. */
function holds(state: SystemState): Attention[] {
  return state.holds.map(({ connection, by, reason, waiting }) => {
    const to = `/connections?open=${connection}`;
    const details = `${maskText(reason)}. Waiting deliveries: ${waiting}.`;
    return by === 'operator'
      ? { severity: 'note', connection, text: `Paused by an operator: ${details}`, to }
      : {
          severity: 'page',
          connection,
          text: `Circuit open, Botpress rejects the connection: ${details}`,
          to,
        };
  });
}

function failures({ state, recentlyDead, hourAgo }: AttentionSources): Attention[] {
  const [top] = state.groups.filter(({ last }) => last >= hourAgo);
  if (recentlyDead === 0 || !top) return [];
  const { reason } = top.example.death;
  const subject = recentlyDead === 1 ? '1 delivery' : `${recentlyDead} deliveries`;
  const text = `${subject} failed within the last hour, most with the reason ${reason}. ${remedyOf(top.example.death)}`;
  return [{ severity: 'ticket', text, to: `/dead-letters?group=${top.group}` }];
}

function silences({ silent }: AttentionSources): Attention[] {
  return [...silent].map(([connection, minutes]) => ({
    severity: 'ticket',
    connection,
    text: `No webhooks for ${minutes} minutes (unusual for this connection). Check that the platform sends them.`,
    to: `/connections?open=${connection}`,
  }));
}
