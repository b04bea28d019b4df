import { fileURLToPath, pathToFileURL } from 'node:url';
import { createSourceRegistry } from '@sluice/events';
import { SETTINGS, secretOf } from '../connections-file.ts';
import type { Row } from '../row.ts';
import type { TestWebhook } from '../webhooks.ts';

const SHIFT_CLOCK = pathToFileURL(fileURLToPath(new URL('../modules/shift-clock.mjs', import.meta.url))).href;
const ORDERS = 60;

const shifted = (minutes: number): Row => ({
  row: 14,
  fault: `clock of ingest and worker shifted by ${minutes > 0 ? '+' : '−'}${Math.abs(minutes)} min`,
  passes: 'age 299 s accepted, 301 s rejected; extra = 0',
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
    scene.check('status at an age of 301 s', refused === 401, refused);
    await scene.load({ count: 1, make: () => aged(299) }).done;
    scene.check(
      'status at an age of 299 s',
      scene.responses[0]?.status === 200,
      scene.responses[0]?.status ?? 0,
    );
    // Reconciliation must not depend on the worker's clock either.
    await sandbox.addFault({ kind: 'reset', when: 'after', times: ORDERS / 3 });
    scene.faultStarted();
    await scene.load({ count: ORDERS }).done;
    await scene.drained();
    scene.recovery = (Date.now() - scene.faultStartedAt) / 1_000;
  },
});

/** Returns a signed webhook of Standard Webhooks with a timestamp in milliseconds since the epoch. */
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
