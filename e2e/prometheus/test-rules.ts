import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promtool } from './promtool.ts';
import { type Story, toInputSeries } from './story.ts';

export const RULES = ['recording.yml', 'alerts.yml'].map((file) =>
  fileURLToPath(new URL(`../../deploy/prometheus/${file}`, import.meta.url)),
);

export interface Course {
  readonly story: Story;
  readonly minutes: number;
  /** Minutes between two scrapes and evaluations; a quarter. */
  readonly step?: number;
  /** By minute: which alerts fire then, and no others. */
  readonly firing: Readonly<Record<number, readonly string[]>>;
}

/**
 * Lets promtool run a story through the rules, and compares which alerts fire at each of its times.
 *
 * @throws an Error with what was otherwise
 */
export async function testRules({ story, minutes, step = 0.25, firing }: Course): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-rules-'));
  const interval = `${step * 60}s`;
  const file = {
    rule_files: RULES,
    evaluation_interval: interval,
    tests: [
      {
        interval,
        input_series: toInputSeries(story, { minutes, step }),
        promql_expr_test: Object.entries(firing).map(([minute, alerts]) => ({
          expr: 'group by (alertname) (ALERTS{alertstate="firing"})',
          eval_time: `${Number(minute) * 60}s`,
          exp_samples: alerts.map((alert) => ({ labels: `{alertname="${alert}"}`, value: 1 })),
        })),
      },
    ],
  };
  try {
    const path = join(folder, 'test.yml');
    // JSON is YAML.
    await writeFile(path, JSON.stringify(file));
    await promtool('test', 'rules', path);
  } finally {
    await rm(folder, { recursive: true });
  }
}
