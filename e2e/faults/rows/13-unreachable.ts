import { freePort } from '@sluice/testing';
import type { ConnectionEntry } from '../connections-file.ts';
import type { Row } from '../row.ts';
import { order } from '../webhooks.ts';

const EACH = 50;

const RIGHT: readonly ConnectionEntry[] = [{ id: 'no-name' }, { id: 'no-listener' }];

export const unreachable: Row = {
  row: 13,
  fault: 'DNS failure, connection refused; fixed in the connections file',
  passes: 'recognized as not sent: retried without reconciliation',
  extra: 'none',
  options: async () => ({
    connections: [
      { id: 'no-name', apiUrl: 'http://nowhere.invalid' },
      { id: 'no-listener', apiUrl: `http://127.0.0.1:${await freePort()}` },
    ],
  }),
  async run(scene) {
    const { sandbox, worker } = scene.pipeline;
    // Counts calls without a delay.
    await sandbox.addFault({ kind: 'latency', ms: 0, match: { operation: 'listEvents' } });
    scene.faultStarted();
    const load = scene.load({
      count: 2 * EACH,
      make: (index) => order(index % 2 ? 'no-name' : 'no-listener'),
    });
    await load.done;
    const reloaded = worker.lines.waitFor(({ msg }) => msg === 'connections.reloaded');
    await scene.connections.write(RIGHT);
    await reloaded;
    scene.faultEnded();
    await scene.drained();
    scene.recovery = (Date.now() - scene.faultEndedAt) / 1_000;
    const failed = scene.attempts(({ outcome }) => outcome === 'retry');
    for (const { id } of RIGHT) {
      const reasons = failed
        .filter(({ connection }) => connection === id)
        .map(({ reason }) => String(reason));
      const others = [...new Set(reasons.filter((reason) => !reason.startsWith('not sent')))];
      const known = `${reasons.length - others.length} of ${reasons.length} ${others.join(', ')}`;
      scene.check(
        `${id}: failed attempts recognized as not sent`,
        reasons.length > 0 && others.length === 0,
        known,
      );
    }
    const [lookups] = await sandbox.faults();
    scene.check('listEvents calls = 0', lookups?.hits === 0, lookups?.hits ?? 'unknown');
  },
};
