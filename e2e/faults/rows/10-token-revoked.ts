import { setTimeout as pause } from 'node:timers/promises';
import type { Row } from '../row.ts';
import type { Scene } from '../scene.ts';
import { TIMES } from '../scene.ts';
import { order } from '../webhooks.ts';

const EACH = 60;
/** The rate limit of a Botpress bot. */
const PER_SECOND = 10;
const MOST_CALLS = 5;

export const tokenRevoked: Row = {
  row: 10,
  fault: 'token revoked (401), then valid again',
  passes: 'at most 5 calls, then the circuit opens; alert; delivers after the fix',
  extra: 'none',
  options: {
    connections: [
      { id: 'revoked', bot: 'revoked-bot' },
      { id: 'free', bot: 'free-bot' },
    ],
    env: { SLUICE_HOLD_PROBE_MS: String(2 * TIMES.probe) },
  },
  async run(scene) {
    const { sandbox, worker } = scene.pipeline;
    await sandbox.setBot('revoked-bot', { state: 'revoked' });
    scene.faultStarted();
    const make = (index: number) => order(index % 2 ? 'revoked' : 'free');
    await scene.load({ count: 2 * EACH, perSecond: 2 * PER_SECOND, make }).done;
    await worker.lines.waitFor(({ msg }) => msg === 'connection.circuit_opened');
    const state = await stateOf(scene, 'revoked');
    scene.check('alert: sluice_connection_state', state === 1, state ?? 'missing');
    // After the first probe, which gets a 401 as well.
    await pause(3 * TIMES.probe);
    const calls = (await sandbox.calls()).filter(({ status }) => status === 401);
    const first = calls[0]?.at ?? 0;
    const before = calls.filter(({ at }) => at < first + 2 * TIMES.probe).length;
    scene.atMost('calls until the circuit opens', before, MOST_CALLS);
    await sandbox.setBot('revoked-bot', { state: 'active' });
    scene.faultEnded();
    await scene.drained();
    scene.recovery = (Date.now() - scene.faultEndedAt) / 1_000;
    const after = await stateOf(scene, 'revoked');
    scene.check('active again', after === 0, after ?? 'missing');
  },
};

/** Reads the worker's gauge of a connection's state. */
async function stateOf({ pipeline }: Scene, connection: string): Promise<number | undefined> {
  const answer = await fetch(`${pipeline.worker.ready.metricsUrl}/metrics`);
  const line = new RegExp(`^sluice_connection_state\\{connection="${connection}"\\} (\\d+)$`, 'm');
  const value = line.exec(await answer.text())?.[1];
  return value === undefined ? undefined : Number(value);
}
