import { fileURLToPath, pathToFileURL } from 'node:url';
import { createSourceRegistry } from '@sluice/events';
import { SETTINGS, secretOf } from '../connections-file.ts';
import type { Row } from '../row.ts';
import type { TestWebhook } from '../webhooks.ts';

const SHIFT_CLOCK = pathToFileURL(fileURLToPath(new URL('../modules/shift-clock.mjs', import.meta.url))).href;
const ORDERS = 60;

const shifted = (minutes: number): Row => ({
  row: 14,
  fault: `clock of ingest and worker ${minutes > 0 ? '+' : '−'}${Math.abs(minutes)} min`,
  passes: '299 s old accepted, 301 s refused; extra = 0',
  extra: 'none',
  options: {
    nodeArgs: ['--import', SHIFT_CLOCK],
    env: { FAULTS_CLOCK_SHIFT_MS: String(minutes * 60_000) },
    connections: [{ id: 'shop' }, { id: 'standard', source: 'standard-webhooks' }],
  },
  async run(scene) {
    const { sandbox } = scene.pipeline;
    const theirs = Date.now() + minutes * 60_000;
    const aged = (seconds: number) => timestamped(theirs - seconds * 1_000);
    const refused = await post(scene.addressOf('standard'), aged(301));
    scene.check('301 s old', refused === 401, refused);
    await scene.load({ count: 1, make: () => aged(299) }).done;
    scene.check('299 s old', scene.responses[0]?.status === 200, scene.responses[0]?.status ?? 0);
    // What the worker does about lost answers must not hang on its clock either.
    await sandbox.addFault({ kind: 'reset', when: 'after', times: ORDERS / 3 });
    scene.faultStarted();
    await scene.load({ count: ORDERS }).done;
    await scene.drained();
    scene.recovery = (Date.now() - scene.faultStartedAt) / 1_000;
  },
});

/** A signed webhook of Standard Webhooks that was sent then, in milliseconds since the epoch. */
function timestamped(now: number): TestWebhook {
  const source = createSourceRegistry().get('standard-webhooks');
  if (!source?.samples) throw new Error('standard-webhooks has no samples');
  const settings = source.settings.parse(SETTINGS['standard-webhooks']?.('standard'));
  const sample = source.samples.compose('invoice.paid', { number: 1, now, settings });
  return { connection: 'standard', ...source.samples.sign(sample, secretOf('standard')) };
}

async function post(url: string, { headers, body }: TestWebhook): Promise<number> {
  return (await fetch(url, { method: 'POST', headers, body })).status;
}

export const clocks: readonly Row[] = [shifted(10), shifted(-10)];
