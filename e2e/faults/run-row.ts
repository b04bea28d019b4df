import { setTimeout } from 'node:timers/promises';
import { compareWithSluice } from './compare-with-sluice.ts';
import type { Check, Expectation, Measures, Outcome, Row } from './row.ts';
import { Scene } from './scene.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

/** Seconds; what takes longer waits for something that never comes. */
const DEADLINE = 300;

/** Runs one row with a pipeline of its own. What it throws is an outcome too, and so is no end. */
export async function runRow(row: Row, seed: number): Promise<Outcome> {
  const start = performance.now();
  const workspace = await openWorkspace();
  const checks: Check[] = [];
  let measures: Measures | undefined;
  try {
    measures = await withinDeadline(runScene(row, seed, workspace, checks), row.deadline ?? DEADLINE);
  } catch (error) {
    const got = error instanceof Error ? error.message : String(error);
    checks.push({ what: 'runs to its end', ok: false, got: got.split('\n').slice(0, 3).join(' / ') });
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

/** What every row has to fulfil. */
function checkExpectations(row: Row, { sent, accepted, lost, extra, dead }: Measures, scene: Scene): void {
  const expected = { lost: row.lost ?? 'none', extra: row.extra ?? 'any' };
  scene.check(SAYS[expected.lost]('lost'), FITS[expected.lost](lost), lost);
  scene.check(SAYS[expected.extra]('extra'), FITS[expected.extra](extra), extra);
  scene.check(`dead = ${row.dead ?? 0}`, dead === (row.dead ?? 0), dead);
  // A row that sends nothing, or whose edge swallows a part of it, would prove nothing.
  scene.check('all that was sent got a 2xx', sent > 0 && accepted >= sent, `${accepted} of ${sent}`);
}

/** The oracle and Sluice's own ledger, each of which counts without the other. */
async function checkLedger({ ledger = 'agrees' }: Row, scene: Scene): Promise<readonly Check[]> {
  if (ledger === 'rolled back') return [];
  const checks = await compareWithSluice(scene);
  if (ledger === 'agrees') return checks;
  const off = checks.filter(({ ok }) => !ok).map(({ what, got }) => `${what}: ${got}`);
  return [{ what: 'sluice ledger is seen to disagree', ok: off.length > 0, got: off.join('; ') || 'no' }];
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
    throw new Error(`no end within ${seconds} s`);
  });
  // Aborted, as it nearly always is.
  late.catch(() => {});
  try {
    return await Promise.race([running, late]);
  } finally {
    deadline.abort();
  }
}
