import { maskText } from '@sluice/events';
import { REMEDIES } from '@sluice/queue';
import { findAlerts } from '../notifications/find-alerts.ts';
import type { Situation } from '../notifications/read-situation.ts';

/** `page`: deliveries stand still or may be lost. `ticket`: some do. `note`: somebody knows. */
export type Severity = 'page' | 'ticket' | 'note';

/** Something to look at, in words, and where in the page. */
export interface Attention {
  readonly severity: Severity;
  readonly connection?: string;
  readonly text: string;
  readonly to: string;
}

export interface AttentionSources {
  readonly situation: Situation;
  readonly ledgerHolds: boolean;
  /** How many are dead that died within the last hour, and when that began. */
  readonly deadLately: number;
  readonly hourAgo: number;
  /** Minutes for which connections have been silent whose way that is not. */
  readonly silent: ReadonlyMap<string, number>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What notifications tell by default; dead letters are told here by what died within the hour. */
const LIMITS = { oldestSeconds: 300, deadLetters: Number.POSITIVE_INFINITY, memoryPercent: 80 };

/** Of what notifications find: how urgent it is, and where one looks. */
const ALERTS: Readonly<Record<string, readonly [Severity, (of: string) => string]>> = {
  'no-worker': ['page', () => '/'],
  'oldest-waiting': ['page', () => '/connections'],
  'redis-memory': ['page', () => '/'],
  'replay-paused': ['ticket', (id) => `/replays/${id}`],
};

const ORDER: readonly Severity[] = ['page', 'ticket', 'note'];

/** Finds what somebody should look at, the most urgent first. */
export function findAttention(sources: AttentionSources): readonly Attention[] {
  const { situation, now } = sources;
  const alerts = findAlerts({ situation, risen: 0, limits: LIMITS, now }).flatMap(
    ({ key, title, detail }) => {
      const [kind = '', of = ''] = key.split(':');
      const [severity, to] = ALERTS[kind] ?? [];
      return severity && to ? [{ severity, text: `${title}. ${detail}`, to: to(of) }] : [];
    },
  );
  const all = [...alerts, ...ledger(sources), ...holds(situation), ...deaths(sources), ...silences(sources)];
  return ORDER.flatMap((severity) => all.filter((one) => one.severity === severity));
}

function ledger({ ledgerHolds }: AttentionSources): Attention[] {
  if (ledgerHolds) return [];
  const text =
    'The ledger does not balance: what was accepted is not what was delivered, is dead and waits. Which: sluice ledger';
  return [{ severity: 'page', text, to: '/' }];
}

/** Those of an operator as well, who may have forgotten. */
function holds(situation: Situation): Attention[] {
  return situation.holds.map(({ connection, by, reason, waiting }) => {
    const to = `/connections?open=${connection}`;
    const told = `${maskText(reason)}; ${waiting} wait.`;
    return by === 'operator'
      ? { severity: 'note', connection, text: `held by an operator: ${told}`, to }
      : { severity: 'page', connection, text: `held, for Botpress refuses it: ${told}`, to };
  });
}

function deaths({ situation, deadLately, hourAgo }: AttentionSources): Attention[] {
  const [top] = situation.groups.filter(({ last }) => last >= hourAgo);
  if (deadLately === 0 || !top) return [];
  const { reason } = top.example.death;
  const many = deadLately === 1 ? '1 delivery has' : `${deadLately} deliveries have`;
  const text = `${many} died within the last hour, most of them as ${reason}. ${REMEDIES[reason]}`;
  return [{ severity: 'ticket', text, to: `/dead-letters?group=${top.group}` }];
}

function silences({ silent }: AttentionSources): Attention[] {
  return [...silent].map(([connection, minutes]) => ({
    severity: 'ticket',
    connection,
    text: `no webhook for ${minutes} minutes, which is not like it. Does the platform still send?`,
    to: `/connections?open=${connection}`,
  }));
}
