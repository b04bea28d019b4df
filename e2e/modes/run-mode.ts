import { setTimeout as pause } from 'node:timers/promises';
import { runSluice } from '@sluice/testing';
import { waitUntilDrained } from '../faults/queue-contents.ts';
import { Scene } from '../faults/scene.ts';
import { openWorkspace } from '../faults/workspace.ts';
import { type ModeSet, SETTLE } from './mode-sets.ts';

/** Result of one set of modes, by the ledgers of the sender and the sandbox. */
export interface ModeResult {
  readonly set: ModeSet;
  readonly isProbed: boolean;
  /** Deliveries acknowledged with a 2xx. */
  readonly accepted: number;
  /** Deliveries with at least one event. */
  readonly delivered: number;
  /** Events beyond one of a delivery. */
  readonly extra: number;
  /** Accepted deliveries without an event that are not dead letters. */
  readonly lost: number;
  /** Lost answers to createEvent, by whether the event was created. */
  readonly lostAnswers: { readonly after: number; readonly before: number };
  /** Deliveries whose event was found instead of sent again. */
  readonly reconciled: number;
  /** Dead letters of the reason `ambiguous`. */
  readonly ambiguous: number;
  /** Dead letters of other reasons. */
  readonly dead: number;
  /** Calls of createEvent that the sandbox rejected for a limit. */
  readonly limited: number;
  readonly seconds: number;
}

/** Every n-th call loses its answer after or before the event is created: 22 % of the calls. */
const EVERY = { after: 7, before: 11 };

const CONNECTION = 'shop';

/** Integration of the connections of the fault suite. */
const INTEGRATION = 'faults';

/** Milliseconds between two reads of the number of calls. */
const POLL = 200;

/** Milliseconds after which pending deliveries count as stuck. */
const DRAIN = 240_000;

/** Runs webhooks through a new pipeline whose sandbox has some modes and loses answers. */
export async function runMode(set: ModeSet, isProbed: boolean, events: number): Promise<ModeResult> {
  const { retryFor, knownCallsPerSecond } = set;
  const workspace = await openWorkspace();
  try {
    const scene = await Scene.open(
      {
        options: {
          connections: [
            {
              id: CONNECTION,
              ...(retryFor ? { retry: { for: retryFor } } : {}),
            },
          ],
          env: {
            SLUICE_SETTLE_MS: String(SETTLE),
            ...(knownCallsPerSecond
              ? { SLUICE_WORKSPACE_CALLS_PER_SECOND: String(knownCallsPerSecond) }
              : {}),
          },
        },
      },
      0,
      workspace,
    );
    await scene.pipeline.sandbox.setModes(set.modes);
    await install(scene);
    if (isProbed) await probe(scene);
    return { set, isProbed, ...(await loseAnswers(scene, events)) };
  } finally {
    await workspace.close();
  }
}

/** Defines the events and installs their integration, which the mode `definitions` may require. */
async function install({ pipeline: { sandbox } }: Scene): Promise<void> {
  const any = { schema: { type: 'object' } };
  await sandbox.putIntegration(INTEGRATION, { newOrderCreated: any, sluiceProbe: any });
  await sandbox.setBot('bot-1', { integrations: { [INTEGRATION]: INTEGRATION } });
}

/** Records the facts of the API, and removes the event of the probe from the sandbox's ledger. */
async function probe({ pipeline, connections }: Scene): Promise<void> {
  const args = ['connections', 'check', '--connections', connections.path, '--probe', CONNECTION, '--yes'];
  const { code, stderr } = await (await runSluice(args, pipeline.env)).ended;
  if (code !== 0) throw new Error(`the probe failed: ${stderr.trim()}`);
  await pipeline.sandbox.reset();
}

/** Sends the webhooks while answers are lost, and compares the ledgers when nothing is pending. */
async function loseAnswers(scene: Scene, events: number): Promise<Omit<ModeResult, 'set' | 'isProbed'>> {
  const { sandbox } = scene.pipeline;
  const start = performance.now();
  await sandbox.addFault({ kind: 'reset', when: 'after', every: EVERY.after });
  await sandbox.addFault({ kind: 'reset', when: 'before', every: EVERY.before });
  await scene.load({ count: events }).done;
  // Answers are lost until there were as many calls as deliveries. Later attempts get their answers.
  const deadline = Date.now() + DRAIN;
  while ((await sandbox.read<{ total: number }>('calls?limit=1')).total < events) {
    if (Date.now() > deadline) throw new Error(`fewer than ${events} calls after ${DRAIN / 1_000} s`);
    await pause(POLL);
  }
  const [after = 0, before = 0] = (await sandbox.faults()).map(({ hits }) => hits);
  await sandbox.clearFaults();
  const isDrained = await scene.withRedis((redis) => waitUntilDrained(redis, DRAIN));
  const seconds = (performance.now() - start) / 1_000;
  if (!isDrained) throw new Error(`deliveries are pending after ${DRAIN / 1_000} s`);
  await scene.drained();
  const { accepted, created, extra, lost, reconciled } = await scene.measure();
  const reasons = await scene.deadReasons();
  const ambiguous = reasons.filter((reason) => reason === 'ambiguous').length;
  return {
    ...{ accepted, delivered: created, extra, lost, reconciled, ambiguous, seconds },
    lostAnswers: { after, before },
    dead: reasons.length - ambiguous,
    limited: (await sandbox.calls({ status: '429' })).length,
  };
}
