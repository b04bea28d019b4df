import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { compareWithSluice } from '../faults/compare-with-sluice.ts';
import { readDead, readQueueContents, waitUntilDrained } from '../faults/queue-contents.ts';
import type { Check, Measures } from '../faults/row.ts';
import type { Scene } from '../faults/scene.ts';
import type { Finding, Model } from './model.ts';
import type { FaultGroup, PlannedFault } from './plan-faults.ts';
import type { Soak } from './soak.ts';

/** The result of a round. Its numbers are those of the whole soak so far. */
export interface Round {
  readonly round: number;
  readonly injected: readonly InjectedFault[];
  readonly measures: Measures;
  /** Seconds from the last 2xx until nothing is pending. */
  readonly drain: number;
  readonly checks: readonly Check[];
  /** Deliveries that are not where the model expects them. */
  readonly findings: readonly Finding[];
}

/** Concurrent requests: more than hang at a frozen ingest, so that the other one has work. */
const CONCURRENCY = 60;

/** Milliseconds until all webhooks have to be accepted after the end of the faults. */
const ACCEPTED = 60_000;
/** Milliseconds. A delivery is retried two minutes after its fourth failure and five minutes after its fifth. */
const DRAIN = 600_000;
/** Milliseconds in which pending output of the apps is read from their pipes. */
const LINES_READ = 200;

interface RoundOptions {
  readonly ms: number;
  /** Things a second. */
  readonly rate: number;
  readonly troubles: Iterable<FaultGroup>;
}

/** Runs load and faults, ends all faults, waits for the drain, and compares the ledgers. */
export async function runRound(
  soak: Soak,
  round: number,
  { ms, rate, troubles }: RoundOptions,
): Promise<Round> {
  const { scene, mix } = soak;
  scene.checks.length = 0;
  const load = scene.load({
    perSecond: rate,
    concurrency: CONCURRENCY,
    make: () => mix.next(),
    times: () => mix.times(),
  });
  const injected: InjectedFault[] = [];
  await injectFaults(scene, troubles, Date.now() + ms, (fault) => injected.push(fault));
  for (const { name, error } of injected) if (error !== undefined) scene.check(name, false, error);
  checkProcesses(scene);
  const accepted = await Promise.race([load.stop().then(() => true), pause(ACCEPTED, false, { ref: false })]);
  if (!accepted) scene.check(`all accepted within ${ACCEPTED / 1_000} s`, false, 'no');
  const start = Date.now();
  const drained = await scene.withRedis(async (redis) => {
    await waitForReplays(redis, DRAIN);
    return waitUntilDrained(redis, DRAIN);
  });
  if (!drained) scene.check(`drained within ${DRAIN / 1_000} s`, false, 'no');
  const drain = (Date.now() - start) / 1_000;
  return { round, injected, drain, ...(await compare(soak, accepted)) };
}

/** A running replay requeues more deliveries as soon as nothing is pending. */
async function waitForReplays(redis: Redis, within: number): Promise<void> {
  const deadline = Date.now() + within;
  while ((await redis.scard('{sluice}:replays-running')) > 0 && Date.now() < deadline) await pause(100);
}

/** Killed processes have been restarted. A process that is missing now exited unexpectedly. */
function checkProcesses(scene: Scene): void {
  const { ingests, workers } = scene.pipeline;
  for (const app of [...ingests, ...workers]) {
    try {
      process.kill(app.pid, 0);
    } catch {
      scene.check(`${app.name} runs`, false, `process ${app.pid} has ended`);
    }
  }
}

/** Compares the sender's ledger with the sandbox's, the model and Sluice's ledger. */
async function compare(
  { scene, model, mix }: Soak,
  accepted: boolean,
): Promise<Pick<Round, 'measures' | 'checks' | 'findings'>> {
  await pause(LINES_READ);
  const measures = await scene.measure();
  scene.check('lost = 0', measures.lost === 0, measures.lost);
  scene.check('extra = 0', measures.extra === 0, measures.extra);
  const created = await scene.commits.delivered();
  const { dead, pending } = await scene.withRedis(async (redis) => ({
    dead: await readDead(redis),
    pending: (await readQueueContents(redis)).pending,
  }));
  const findings = model.compare(scene.ledger, { created, dead, pending });
  scene.check(
    'all deliveries are where the model expects them',
    findings.length === 0,
    `${findings.length} are not`,
  );
  const strange = scene.responses.filter(({ status }) => ![0, 200, 503].includes(status));
  scene.check(
    'responses are 200 or 503',
    strange.length === 0,
    strange.map(({ status }) => status).join(' '),
  );
  scene.checks.push(...(await compareWithSluice(scene)));
  // Webhooks still being sent are looked up by their object.
  if (accepted) dropBodies(scene, model, mix.kept);
  return { measures, checks: [...scene.checks], findings };
}

/** A fault that was injected. */
export interface InjectedFault {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  /** Why it could not be injected or ended. */
  readonly error?: string;
}

/** Milliseconds of load without faults at the end of a round. */
const REST = 5_000;

/**
 * Injects one fault group after the other until the time is over. Waits for the end of active faults.
 *
 * @param until milliseconds since the epoch
 */
async function injectFaults(
  scene: Scene,
  troubles: Iterable<FaultGroup>,
  until: number,
  onInjected: (injected: InjectedFault) => void,
): Promise<void> {
  for (const { peace, faults } of troubles) {
    const end = until - REST;
    await pause(Math.min(peace, Math.max(0, end - Date.now())));
    if (Date.now() >= end) break;
    await Promise.all(faults.map(async (planned) => onInjected(await inject(scene, planned))));
  }
  await pause(Math.max(0, until - Date.now()));
}

async function inject(scene: Scene, { fault, how, after }: PlannedFault): Promise<InjectedFault> {
  await pause(after);
  const from = Date.now();
  const name = fault.isPlaced ? `${fault.name} (${how.place + 1})` : fault.name;
  try {
    await fault.run(scene, how);
    return { name, from, to: Date.now() };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { name, from, to: Date.now(), error: message };
  }
}

/**
 * Replaces each sent webhook by an empty object wherever it is a key. Half an hour of orders of 8 kB would take
 * 600 MB, and garbage collection pauses would act as unplanned faults. Call it while nothing is being sent.
 *
 * @param kept webhooks that may be resent, and are not replaced
 */
function dropBodies(
  { ledger: { deliveryIds }, responses }: Scene,
  model: Model,
  kept: ReadonlySet<object>,
): void {
  const light = new Map<object, object>();
  const toLight = (webhook: object) => {
    if (kept.has(webhook)) return webhook;
    const known = light.get(webhook) ?? {};
    light.set(webhook, known);
    return known;
  };
  const entries = [...deliveryIds];
  deliveryIds.clear();
  for (const [webhook, places] of entries) deliveryIds.set(toLight(webhook), places);
  model.replace(toLight);
  responses.length = 0;
}
