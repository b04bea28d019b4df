import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dashboards, renderDashboard } from '@sluice/grafana';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { RULES } from '../prometheus/test-rules.ts';
import { checkPanels, type PanelCheck } from './panels.ts';
import { openStage, type Stage } from './stage.ts';
import { sendTraffic } from './traffic.ts';

const file = (uid: string) =>
  fileURLToPath(new URL(`../../deploy/grafana/dashboards/${uid}.json`, import.meta.url));
const panels = dashboards.flatMap(({ rows }) => rows.flatMap((row) => row.panels));

test.each(dashboards.map((dashboard) => [dashboard.uid, dashboard] as const))(
  '%s.json matches its definition (if not: npm run generate -w deploy/grafana)',
  (uid, dashboard) => {
    expect(readFileSync(file(uid), 'utf8')).toBe(renderDashboard(dashboard));
  },
);

test('each panel has a noun phrase as title, a unit, and a description with the action', () => {
  for (const { title, unit, description } of panels) {
    expect(title).toMatch(/^[A-Z][^?.]*$/);
    expect(unit, title).not.toBe('');
    expect(description.length, title).toBeGreaterThan(50);
  }
});

describe('after traffic with every kind of failure', () => {
  let stage: Stage;
  let checked: readonly PanelCheck[];
  let exported: ReadonlySet<string>;

  beforeAll(async () => {
    stage = await openStage();
    await sendTraffic(stage, 15);
    checked = await checkPanels(stage.prometheus, { connection: 'acme' });
    exported = await exportedMetrics(stage);
  }, 120_000);

  afterAll(() => stage.stop());

  test('every expression is valid and returns data', () => {
    expect(checked.length).toBeGreaterThan(50);
    expect(checked.filter(({ series, emptyWhen }) => series === 0 && emptyWhen === undefined)).toEqual([]);
  });

  test('dashboards, rules and alerts use only exported metrics', () => {
    const rules = RULES.flatMap((path) => rulesOf(readFileSync(path, 'utf8')));
    const recorded = rules.flatMap(({ record }) => record ?? []);
    const known = new Set([...exported, ...recorded]);
    const asked = [...checked.map(({ expr }) => expr), ...rules.map(({ expr }) => expr)];
    const named = new Set(asked.flatMap((expr) => expr.match(/\b(sluice|nodejs|process)[_:][\w:]+/g) ?? []));
    expect(named.size).toBeGreaterThan(40);
    expect([...named].filter((name) => !known.has(name))).toEqual([]);
  });
});

/** Returns the names of all metrics of ingest, worker and console. Histograms count by their parts. */
async function exportedMetrics({ pipeline, console }: Stage): Promise<ReadonlySet<string>> {
  const urls = [String(pipeline.ingest.ready.metricsUrl), pipeline.worker.url, console.url];
  const texts = await Promise.all(urls.map(async (url) => (await fetch(`${url}/metrics`)).text()));
  const types = texts.flatMap((text) => [...text.matchAll(/^# TYPE (\S+) (\w+)$/gm)]);
  return new Set(
    types.flatMap(([, name = '', type]) =>
      type === 'histogram' || type === 'summary'
        ? [`${name}_bucket`, `${name}_sum`, `${name}_count`]
        : [name],
    ),
  );
}

interface Rule {
  readonly record?: string;
  readonly expr: string;
}

const rulesOf = (text: string): readonly Rule[] =>
  (parse(text) as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) => rules);
