import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningPipeline, readSharedFixtures, startPipeline } from '@sluice/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signFixture } from './sign-fixture.ts';

const FOLDERS = ['shopify', 'linear', 'telegram', 'whatsapp', 'github', 'stripe'] as const;
const fixtures = FOLDERS.flatMap((folder) =>
  readSharedFixtures(folder).map((fixture) => ({ folder, ...fixture })),
);

let pipeline: RunningPipeline;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-fixtures-'));
  const file = (name: string) => readFile(new URL(`../config/${name}.yaml`, import.meta.url), 'utf8');
  const list = (yaml: string) => yaml.slice(yaml.indexOf('connections:\n') + 'connections:\n'.length);
  const parts = [
    await file('connections.demo'),
    await file('examples/github'),
    await file('examples/stripe'),
  ];
  await writeFile(join(folder, 'connections.yaml'), `connections:\n${parts.map(list).join('\n')}`);
  const credentials = ['GITHUB', 'STRIPE'].flatMap((name) => [
    [`${name}_WEBHOOK_SECRET`, `${name.toLowerCase()}-demo-secret`],
    [`${name}_BOT_ID`, 'example-bot'],
    [`${name}_INTEGRATION_ID`, 'example-integration'],
    [`${name}_BOTPRESS_TOKEN`, 'example-token'],
  ]);
  const env = { ...Object.fromEntries(credentials), SLUICE_CONNECTIONS: join(folder, 'connections.yaml') };
  pipeline = await startPipeline({ env });
});

afterAll(async () => {
  await pipeline.stop();
  await rm(folder, { recursive: true, force: true });
});

test.skipIf(fixtures.length === 0)(
  'every third-party payload is processed without a crash or retry',
  async () => {
    const rows: string[] = [];
    for (const { folder: source, name, json } of fixtures) {
      const { headers, body } = signFixture(source, name, json);
      const seen = pipeline.ingest.lines.seen.length;
      const answer = await fetch(
        pipeline.webhookUrl(source === 'github' || source === 'stripe' ? source : `demo-${source}`),
        {
          method: 'POST',
          headers,
          body,
        },
      );
      expect([name, answer.status]).toEqual([name, 200]);
      const line = await pipeline.ingest.lines.waitFor(
        (one) => one.msg === 'webhook.ingested' && pipeline.ingest.lines.seen.indexOf(one) >= seen,
      );
      const ids = (line.deliveries ?? []) as string[];
      const attempts = await Promise.all(
        ids.map((id) =>
          pipeline.worker.lines.waitFor((one) => one.delivery === id && one.outcome !== undefined),
        ),
      );
      const results = attempts.map(
        ({ topic, event, outcome, reason }) =>
          `${topic} → ${event ?? outcome}${reason ? ` (${reason})` : ''}`,
      );
      expect([name, line.result]).toEqual([name, expect.stringMatching(/^(accepted|ignored|duplicate)$/)]);
      expect(attempts.map(({ outcome }) => outcome)).not.toContain('dead');
      rows.push(`| ${source}/${name} | ${line.result} | ${ids.length} | ${results.join(', ')} |`);
    }
    process.stdout.write(
      `| file | result | deliveries | topic → event |\n|---|---|---|---|\n${rows.join('\n')}\n`,
    );
  },
);
