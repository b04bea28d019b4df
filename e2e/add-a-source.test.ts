import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RunningPipeline, startPipeline } from '@sluice/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const guide = readFileSync(`${ROOT}/docs/how-to/add-a-source.md`, 'utf8');

interface Step {
  readonly heading: string;
  /** File to write. Without it, the block is a command. */
  readonly file: string | undefined;
  readonly text: string;
}

/** Numbered sections of the guide with a block to run. */
const steps: readonly Step[] = guide
  .split(/^## (?=\d)/m)
  .slice(1)
  .flatMap((section) =>
    [...section.matchAll(/^```\w+(?: file=(\S+))?\n(.*?)^```$/gms)].map(([, file, text = '']) => ({
      heading: section.split('\n', 1)[0] ?? '',
      file,
      text: text.trimEnd(),
    })),
  );

let folder: string;
let pipeline: RunningPipeline | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-guide-'));
});

afterAll(async () => {
  await pipeline?.stop();
  rmSync(folder, { recursive: true });
});

/** Replaces the guide's folder and URLs by those of the test. */
function here(text: string): string {
  return text
    .replaceAll('http://127.0.0.1:3002', pipeline?.sandbox.url ?? '')
    .replaceAll('parcelo/', `${folder}/`)
    .replace(/ parcelo$/, ` ${folder}`);
}

function run(command: string): string {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command}: ${status}\n${stdout}${stderr}`);
  return stdout;
}

const step = (heading: RegExp): Step => {
  const found = steps.find((candidate) => heading.test(candidate.heading));
  if (!found) throw new Error(`no step ${heading}`);
  return found;
};

test('the guide has fewer than ten steps', () => {
  expect(guide.match(/^## \d+\. /gm)?.length).toBeLessThan(10);
  expect(steps.map(({ heading }) => Number.parseInt(heading, 10))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('its steps turn a webhook of a new platform into one event', async () => {
  run(here(step(/Folder/).text));
  for (const { file, text } of steps) if (file) writeFileSync(join(folder, basename(file)), `${text}\n`);

  const checked = run(here(step(/Check/).text));
  expect(checked).toMatch(/parcelo-test +parcelo .*parcelDelivered/);
  expect(checked).toContain('1 connection, no problems');

  const [, variable = '', value = ''] = /^(\w+)=(\S+) npm start$/.exec(here(step(/Start/).text)) ?? [];
  pipeline = await startPipeline({ env: { [variable]: value } });

  const send = `${here(step(/Signed test webhook/).text)} --url ${pipeline.ingest.url}`;
  expect(run(send)).toContain('accepted');
  await pipeline.sandbox.waitFor({ distinct: 1 });
  expect(await pipeline.sandbox.ledger()).toMatchObject({ commits: 1, distinct: 1, doubled: {} });

  const { events } = JSON.parse(run(here(step(/Delivered event/).text))) as { events: unknown[] };
  expect(events).toMatchObject([
    {
      type: 'parcelDelivered',
      payload: { parcel: 'P1', deliveredAt: expect.any(String), deliveryId: expect.stringMatching(/^dlv_/) },
    },
  ]);
});

test('its last step writes an integration with the event', () => {
  expect(run(here(step(/Botpress integration/).text))).toContain(
    'integration sluice-parcelo-test with 1 event',
  );
  const definition = readFileSync(join(folder, 'integration', 'integration.definition.ts'), 'utf8');
  expect(definition).toContain('parcelDelivered: {');
});

test('a batch of that platform is unpacked into separate deliveries', async () => {
  if (!pipeline) throw new Error('the steps failed');
  const body = `{"scans": [
    {"id":"a","parcel":"P8","status":"delivered","at":"2026-09-21"},
    {"id":"b","parcel":9,"status":"delivered","at":"2026-09-21"},
    {"id":"c","parcel":"P10","status":"lost"}, null, 7
  ]}`;
  const sign = (text: string) => createHmac('sha256', 'parcelo-test-secret').update(text).digest('hex');
  const post = async (signature: string) => {
    const headers = { 'content-type': 'application/json', 'parcelo-signature': signature };
    const answer = await fetch(`${pipeline?.webhookUrl('parcelo-test')}`, { method: 'POST', headers, body });
    return {
      status: answer.status,
      ...((await answer.json()) as { result?: string; deliveries?: unknown[] }),
    };
  };
  expect(await post(sign('other'))).toMatchObject({ status: 401 });
  const answer = await post(sign(body));
  expect(answer).toMatchObject({ status: 200, result: 'quarantined' });
  expect(answer.deliveries).toHaveLength(2);
  await pipeline.sandbox.waitFor({ distinct: 2 });
  expect(await post(sign(body))).toMatchObject({ status: 200, result: 'duplicate' });
});
