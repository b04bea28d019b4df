import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { METRIC_CATALOGUE } from '@sluice/observability';
import { DEAD_REASONS } from '@sluice/queue';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { healthy, SERIES } from './healthy.ts';
import { promtool } from './promtool.ts';
import { counter, during, gauge, RULES, type RuleTest, type Scenario, testRules } from './test-rules.ts';

const GB = 1024 ** 3;
const read = (path: string) => readFileSync(path, 'utf8');

/** Anchors of the runbook's sections. */
const SECTIONS = [
  ...read(fileURLToPath(new URL('../../docs/runbook.md', import.meta.url))).matchAll(/^### (\w+)$/gm),
].map(([, title]) => title?.toLowerCase());

interface Alert {
  readonly alert: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook_url: string };
}

const alerts = (parse(read(RULES[1] ?? '')) as { groups: { rules: Alert[] }[] }).groups.flatMap(
  ({ rules }) => rules,
);

test('the rules parse', () => promtool('check', 'rules', ...RULES));

test('each reason for dead letters has a section in the runbook', () => {
  expect(SECTIONS).toEqual(expect.arrayContaining([...DEAD_REASONS]));
});

test('each alert has a severity, a summary and a section in the runbook', () => {
  for (const { alert, labels, annotations } of alerts) {
    expect(['page', 'ticket'], alert).toContain(labels.severity);
    expect(annotations.summary, alert).not.toBe('');
    expect(annotations.runbook_url, alert).toMatch(/^docs\/runbook\.md#/);
    expect(SECTIONS, alert).toContain(annotations.runbook_url.split('#')[1]);
  }
});

const DASHBOARDS = fileURLToPath(new URL('../../deploy/grafana/dashboards/', import.meta.url));

/** Label matchers with literal values in the rules and dashboards, as [metric, label, values]. */
function matchers(): [metric: string, label: string, values: string[]][] {
  const dashboards = readdirSync(DASHBOARDS).map((name) => read(DASHBOARDS + name).replaceAll('\\"', '"'));
  return [...RULES.map(read), ...dashboards].flatMap((text) =>
    [...text.matchAll(/\b(sluice_\w+)\{([^}]*)\}/g)].flatMap(([, metric = '', selector = '']) =>
      [...selector.matchAll(/(\w+)(?:=~|!~|!=|=)"([\w|]+)"/g)].map(
        ([, label = '', values = '']): [string, string, string[]] => [metric, label, values.split('|')],
      ),
    ),
  );
}

/** Values that the catalogue lists for a label; undefined if it lists none. */
function listedValues(metric: string, label: string): string[] | undefined {
  const definition = Object.entries(METRIC_CATALOGUE).find(([name]) => metric.startsWith(name))?.[1];
  const text = (definition?.labels as Record<string, string> | undefined)?.[label] ?? '';
  const listed = [...text.matchAll(/`(\w+)`/g)].map(([, value = '']) => value);
  const [other] = listed;
  if (other?.startsWith('sluice_')) return listedValues(other, label);
  return listed.length === 0 ? undefined : [...listed, ...(label === 'reason' ? DEAD_REASONS : [])];
}

test('each label value in rules and dashboards is one that the metric catalogue lists', () => {
  const checked = matchers().flatMap(([metric, label, values]) => {
    const listed = listedValues(metric, label);
    return listed ? [{ metric, label, unknown: values.filter((value) => !listed.includes(value)) }] : [];
  });
  expect(checked.length).toBeGreaterThan(20);
  expect(checked.filter(({ unknown }) => unknown.length > 0)).toEqual([]);
});

/** Changes of a pipeline with 200 webhooks a minute, and the alerts they fire by minute. */
type Trouble = Pick<RuleTest, 'minutes' | 'step' | 'firing'> & { readonly changes: Scenario };

const troubles: Record<string, Trouble> = {
  'Redis is killed and restarted within ten seconds, between two scrapes (fault row 3)': {
    minutes: 75,
    changes: {
      [SERIES.refusedFor('away')]: counter(during(65, 65.25, 120, 0)),
      [SERIES.refused]: counter(during(65, 65.25, 120, 0)),
    },
    firing: { 64: [], 65.5: ['SluiceRedisTrouble'], 69: [] },
  },
  'Redis is frozen for half a minute (fault row 4)': {
    // At the start of the observed day, half a minute exceeds the error budget.
    ...{ minutes: 385, step: 0.5 },
    changes: {
      [SERIES.refusing('silent')]: gauge(during(375, 375.5, 1, 0)),
      [SERIES.refusedFor('silent')]: counter(during(375, 375.5, 200, 0)),
      [SERIES.refused]: counter(during(375, 375.5, 200, 0)),
    },
    firing: { 374: [], 376: ['SluiceRedisTrouble'], 379: [] },
  },
  'Redis is down for ten minutes': {
    minutes: 100,
    changes: {
      [SERIES.refusing('away')]: gauge(during(65, 75, 1, 0)),
      [SERIES.refusedFor('away')]: counter(during(65, 75, 200, 0)),
      [SERIES.inTime]: counter(during(65, 75, 0, 200)),
      [SERIES.refused]: counter(during(65, 75, 200, 0)),
      [SERIES.running('w1')]: gauge(during(65, 75, 0, 1)),
      [SERIES.running('w2')]: gauge(during(65, 75, 0, 1)),
    },
    firing: {
      64: [],
      66.5: ['SluiceRedisTrouble', 'SluiceWebhookBudgetBurns'],
      70: ['SluiceIngestRefusing', 'SluiceRedisTrouble', 'SluiceWebhookBudgetBurns'],
      // The five-minute window keeps the page until the outage is out of it, the six-hour window for half an hour.
      79: ['SluiceWebhookBudgetBurns'],
    },
  },
  'responses are slow': {
    minutes: 30,
    changes: { [SERIES.late]: counter(during(10, 20, 20, 0)) },
    firing: { 9: [], 15: ['SluiceWebhookBudgetBurns'] },
  },
  'Botpress responds with 429 and Retry-After (fault row 8)': {
    minutes: 30,
    changes: { [SERIES.retries('429')]: counter(during(10, 13, 100, 0)) },
    firing: { 9: [], 12: ['SluiceBotpressLimits'], 19: [] },
  },
  'Botpress responds with 5xx for ten minutes (fault row 9)': {
    minutes: 75,
    changes: {
      [SERIES.retries('5xx')]: counter(during(10, 20, 400, 0)),
      [SERIES.attempts]: counter(during(10, 20, 0, 200)),
      [SERIES.delivered]: counter(during(10, 20, 0, 200)),
      [SERIES.eventInTime]: counter(during(10, 20, 0, 200)),
      [SERIES.eventOverdue]: counter(during(11, 20, 100, 0)),
    },
    firing: {
      9: [],
      13.5: ['SluiceBotpressFailing', 'SluiceEventBudgetBurns'],
      20: ['SluiceBotpressFailing', 'SluiceEventBudgetBurns'],
      27: ['SluiceEventBudgetBurns'],
      70: [],
    },
  },
  'a token is revoked (fault row 10)': {
    minutes: 30,
    changes: { [SERIES.state]: gauge(during(10, 20, 1, 0)) },
    firing: { 9: [], 10.5: [], 12: ['SluiceConnectionHeld'], 20.5: [] },
  },
  'a connection stays paused': {
    ...{ minutes: 1_470, step: 5 },
    changes: { [SERIES.state]: gauge(during(10, 1_460, 2, 0)) },
    firing: { 1440: [], 1455: ['SluiceHoldForgotten'], 1465: [] },
  },
  'there is no worker': {
    minutes: 30,
    changes: {
      [SERIES.running('w1')]: gauge(during<number | undefined>(10, 20, undefined, 1)),
      [SERIES.running('w2')]: gauge(during<number | undefined>(10, 20, undefined, 1)),
      [SERIES.oldest]: gauge((minute) => (minute >= 10 && minute < 20 ? 60 * (minute - 10) : 0)),
    },
    // Prometheus keeps the last value of a worker that is not scraped any more for five minutes.
    firing: { 14: [], 18: ['SluiceNoWorker', 'SluiceOldestWaiting'], 21: [] },
  },
  'workers run but take no deliveries': {
    minutes: 30,
    changes: {
      [SERIES.running('w1')]: gauge(during(10, 20, 0, 1)),
      [SERIES.running('w2')]: gauge(during(10, 20, 0, 1)),
    },
    firing: { 11: [], 13: ['SluiceNoWorker'], 20.5: [] },
  },
  'there is no ingest': {
    minutes: 30,
    changes: Object.fromEntries(
      ['away', 'silent', 'memory', 'backlog'].map((reason) => [
        SERIES.refusing(reason),
        gauge(during<number | undefined>(10, 20, undefined, 0)),
      ]),
    ),
    firing: { 14: [], 18: ['SluiceNoIngest'], 21: [] },
  },
  'the ledger does not balance': {
    minutes: 30,
    changes: { [SERIES.differences]: gauge(during(10, 20, 1, 0)) },
    firing: { 14: [], 16: ['SluiceLedgerDiffers'], 21: [] },
  },
  'Redis memory fills up': {
    minutes: 60,
    changes: {
      [SERIES.used]: gauge((minute) => (minute < 50 ? 0.1 * GB + minute * 0.015 * GB : 0.2 * GB)),
    },
    // Detected 25 minutes before it is full.
    firing: { 32: [], 38: ['SluiceRedisFilling'], 51: [] },
  },
  'Redis cannot write its file': {
    minutes: 30,
    changes: { [SERIES.persistence('last_write')]: gauge(during(10, 20, 0, 1)) },
    firing: { 10: [], 12: ['SluiceRedisNotPersisting'], 20.5: [] },
  },
  'a connection has a wrong secret': {
    minutes: 45,
    changes: {
      [SERIES.strangers]: counter(during(10, 20, 300, 0)),
      [SERIES.webhooks]: counter(during(10, 20, 0, 200)),
    },
    firing: { 14: [], 25: ['SluiceSignaturesFail'], 40: [] },
  },
  'a mapper throws': {
    minutes: 60,
    changes: {
      [SERIES.dead]: gauge((minute) => (minute < 10 ? undefined : Math.min(minute - 10, 20) * 5)),
      [SERIES.died]: counter(during(10, 30, 5, 0)),
    },
    firing: { 9: [], 15: ['SluiceDeadLettersRising'], 50: [] },
  },
  'a bot fails a tenth of its events': {
    minutes: 60,
    changes: {
      [SERIES.processed]: counter(during(10, 30, 180, 200)),
      [SERIES.botFailed]: counter(during(10, 30, 20, 0)),
    },
    firing: { 9: [], 20: ['SluiceBotNotProcessing'], 50: [] },
  },
  'a bot fails one event in forty': {
    minutes: 30,
    changes: { [SERIES.botFailed]: counter(during(10, 25, 5, 0)) },
    firing: { 12: [], 20: [], 29: [] },
  },
  'dead letters will expire': {
    minutes: 20,
    changes: { [SERIES.expiring]: gauge(during(10, 15, 7, 0)) },
    firing: { 9: [], 11: ['SluiceDeadLettersExpiring'], 16: [] },
  },
  'a workspace uses up its invocations of the month': {
    minutes: 30,
    changes: { [SERIES.events('month')]: gauge(during(10, 20, 20_001, 0)) },
    firing: { 9: [], 12: ['SluiceInvocationBudget'], 22: [] },
  },
  'a workspace gets most of its invocations per minute for minutes': {
    minutes: 40,
    changes: { [SERIES.events('minute')]: gauge(during(10, 20, 81, 20)) },
    firing: { 14: [], 16: ['SluiceInvocationBudget'], 22: [] },
  },
  'a workspace gets most of its invocations in one minute': {
    minutes: 30,
    changes: { [SERIES.events('minute')]: gauge(during(10, 12, 95, 20)) },
    firing: { 11: [], 16: [] },
  },
  'a replay pauses itself': {
    minutes: 60,
    changes: { [SERIES.paused]: gauge(during(10, 40, 1, 0)) },
    firing: { 20: [], 26: ['SluiceReplayPaused'], 41: [] },
  },
  'deliveries wait for a worker': {
    minutes: 30,
    changes: { [SERIES.oldest]: gauge(during(10, 20, 90, 0)) },
    firing: { 14: [], 16: ['SluiceOldestWaiting'], 21: [] },
  },
};

describe('alerts fire and clear in time', () => {
  test.each(Object.entries(troubles))('%s', async (_, { changes, ...course }) => {
    await testRules({ ...course, scenario: { ...healthy(200), ...changes } });
  });

  test('every alert has a case', () => {
    const firing = Object.values(troubles).flatMap(({ firing }) => Object.values(firing).flat());
    // SluiceSourceSilent has a separate test below.
    expect(new Set([...firing, 'SluiceSourceSilent'])).toEqual(new Set(alerts.map(({ alert }) => alert)));
  });

  test('a source is silent compared with its usual rate', { timeout: 90_000 }, async () => {
    const day = 24 * 60;
    // Busy by day, nearly silent by night, and silent from the morning of the ninth day on.
    const cadence = (minute: number) => ((minute % day) / 60 < 8 ? 0.05 : 3);
    const silentFrom = 8 * day + 10 * 60;
    const scenario = healthy((minute) => (minute < silentFrom ? cadence(minute) : 0));
    const firing = {
      [7 * day]: [],
      // At night, an hour without webhooks is normal.
      [8 * day + 5 * 60]: [],
      [silentFrom + 30]: [],
      [silentFrom + 90]: ['SluiceSourceSilent'],
    };
    // Less than the lookback of five minutes, because promtool evaluates groups in no fixed order.
    await testRules({ scenario, minutes: 9 * day, step: 4, firing });
  });
});

/** Every half hour. */
const quiet = (minutes: number) =>
  Object.fromEntries(Array.from({ length: Math.floor(minutes / 30) }, (_, index) => [30 * (index + 1), []]));

describe('alerts do not fire', () => {
  test('during a night with small failures', async () => {
    const scenario = {
      ...healthy(2),
      [SERIES.refused]: counter(during(200, 200.5, 2, 0)),
      [SERIES.refusedFor('congested')]: counter(during(200, 200.5, 2, 0)),
      [SERIES.retries('5xx')]: counter(during(300, 300.5, 4, 0)),
      [SERIES.eventLate]: counter(during(301, 301.5, 2, 0)),
      [SERIES.dead]: gauge((minute) => (minute < 400 ? undefined : 1)),
      [SERIES.died]: counter(during(400, 400.5, 2, 0)),
      [SERIES.strangers]: counter(during(100, 101, 8, 0)),
      [SERIES.paused]: gauge(during(240, 250, 1, 0)),
      [SERIES.state]: gauge(during(120, 180, 2, 0)),
      // A rolling deployment of the workers.
      [SERIES.running('w1')]: gauge(during<number | undefined>(60, 61, undefined, 1)),
      [SERIES.running('w2')]: gauge(during<number | undefined>(61, 62, undefined, 1)),
    };
    await testRules({ scenario, minutes: 600, step: 1, firing: quiet(600) });
  });

  test('during a sale whose orders wait two hours for the rate limit of their bot', async () => {
    const isSale = (minute: number) => minute >= 60 && minute < 90;
    const flow = (minute: number) => (isSale(minute) ? 3_000 : 20);
    const isBacklog = (minute: number) => minute >= 60 && minute < 210;
    const backlog = (minute: number) => {
      if (!isBacklog(minute)) return 0;
      return minute < 90 ? (minute - 60) * 2_400 : 72_000 - (minute - 90) * 600;
    };
    const out = (minute: number) => (isBacklog(minute) ? 600 : 20);
    const scenario = {
      ...healthy(flow),
      [SERIES.delivered]: counter(out),
      [SERIES.attempts]: counter(out),
      [SERIES.eventInTime]: counter((minute) => (isBacklog(minute) ? 60 : 20)),
      [SERIES.eventApart]: counter((minute) => (isBacklog(minute) ? 540 : 0)),
      [SERIES.delayed]: gauge(backlog),
      [SERIES.waiting]: gauge((minute) => (isSale(minute) ? 400 : 0)),
      [SERIES.oldest]: gauge((minute) => (isSale(minute) ? 8 : 0)),
      [SERIES.used]: gauge((minute) => 0.1 * GB + backlog(minute) * 4_200),
      [SERIES.retries('429')]: counter((minute) => (isBacklog(minute) ? 2 : 0)),
    };
    await testRules({ scenario, minutes: 300, step: 0.5, firing: quiet(300) });
  });
});
