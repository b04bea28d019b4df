import { setTimeout } from 'node:timers/promises';
import { compareWithSluice } from './compare-with-sluice.ts';
import type { Check, Expectation, Measures, Outcome, Row } from './row.ts';
import { Scene } from './scene.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

/** Seconds after which a row counts as hung. */
const DEADLINE = 300;

/** Runs a row with its own pipeline. An exception or a timeout is a failed check. */
export async function runRow(row: Row, seed: number): Promise<Outcome> {
  const start = performance.now();
  const workspace = await openWorkspace();
  const checks: Check[] = [];
  let measures: Measures | undefined;
  try {
    measures = await withinDeadline(runScene(row, seed, workspace, checks), row.deadline ?? DEADLINE);
  } catch (error) {
    const got = error instanceof Error ? error.message : String(error);
    checks.push({ what: 'completes', ok: false, got: got.split('\n').slice(0, 3).join(' / ') });
  } finally {
    await workspace.close();
  }
  return { row, seed, checks, measures, seconds: (performance.now() - start) / 1_000 };
}

async function runScene(row: Row, seed: number, workspace: Workspace, checks: Check[]): Promise<Measures> {
  const scene = await Scene.open(row, seed, workspace);
  try {
    await row.run(scene);
    const measures = await scene.measure();
    checkExpectations(row, measures, scene);
    scene.checks.push(...(await checkLedger(row, scene)));
    return measures;
  } finally {
    checks.push(...scene.checks);
  }
}

/** Checks the expectations that all rows have. */
function checkExpectations(row: Row, { sent, accepted, lost, extra, dead }: Measures, scene: Scene): void {
  const expected = { lost: row.lost ?? 'none', extra: row.extra ?? 'any' };
  scene.check(SAYS[expected.lost]('lost'), FITS[expected.lost](lost), lost);
  scene.check(SAYS[expected.extra]('extra'), FITS[expected.extra](extra), extra);
  scene.check(`dead = ${row.dead ?? 0}`, dead === (row.dead ?? 0), dead);
  // A row that sends nothing, or whose webhooks are not all accepted, proves nothing.
  scene.check('all webhooks got a 2xx', sent > 0 && accepted >= sent, `${accepted} of ${sent}`);
}

/** Compares Sluice's ledger with the oracle, which counts independently. */
async function checkLedger({ ledger = 'agrees' }: Row, scene: Scene): Promise<readonly Check[]> {
  if (ledger === 'rolled back') return [];
  const checks = await compareWithSluice(scene);
  if (ledger === 'agrees') return checks;
  const off = checks.filter(({ ok }) => !ok).map(({ what, got }) => `${what}: ${got}`);
  return [
    {
      what: 'sluice ledger disagrees with the oracle',
      ok: off.length > 0,
      got: off.join('; ') || 'it agrees',
    },
  ];
}

const FITS: Record<Expectation, (count: number) => boolean> = {
  none: (count) => count === 0,
  one: (count) => count === 1,
  some: (count) => count > 0,
  any: () => true,
};

const SAYS: Record<Expectation, (name: string) => string> = {
  none: (name) => `${name} = 0`,
  one: (name) => `${name} = 1`,
  some: (name) => `${name} > 0`,
  any: (name) => `${name} is measured`,
};

async function withinDeadline<T>(running: Promise<T>, seconds: number): Promise<T> {
  const deadline = new AbortController();
  const late = setTimeout(1_000 * seconds, undefined, { signal: deadline.signal }).then(() => {
    throw new Error(`not completed within ${seconds} s`);
  });
  // Rejects when it is aborted, which is the normal case.
  late.catch(() => {});
  try {
    return await Promise.race([running, late]);
  } finally {
    deadline.abort();
  }
}
