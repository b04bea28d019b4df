import { runSluice } from '@sluice/testing';
import { mendMapper } from '../fix-mapper.ts';
import type { Row } from '../row.ts';
import { TROUBLE_MODULE, troubleThing } from '../things.ts';

const BROKEN = 30;
const FINE = 30;

export const mapperThrows: Row = {
  row: 21,
  fault: 'mapper throws, then is fixed',
  passes: 'dead at once; replay clears it',
  extra: 'none',
  options: { module: TROUBLE_MODULE, connections: [{ id: 'trouble', source: 'trouble' }] },
  async run(scene) {
    scene.strike();
    const make = (index: number) => troubleThing({ trouble: index < BROKEN ? 'throw' : 'none' });
    await scene.load({ count: BROKEN + FINE, make }).done;
    await scene.drained();
    const reasons = await scene.deadReasons();
    const threw = reasons.filter((reason) => reason === 'mapper_threw').length;
    scene.check('dead of it', threw === BROKEN && reasons.length === BROKEN, threw);
    const attempts = scene.attempts(({ outcome }) => outcome === 'dead');
    scene.check('at the first attempt', attempts.length === BROKEN, `${attempts.length} attempts`);
    await mendMapper(scene);
    const replay = await runSluice(['replay', 'run', '--reason', 'mapper_threw'], {
      REDIS_URL: scene.redisUrl,
    });
    const { code, stdout } = await replay.ended;
    scene.heal();
    scene.check('sluice replay', code === 0, stdout.trim().split('\n').at(-1) ?? '');
    await scene.drained();
    scene.recovery = (Date.now() - scene.healedAt) / 1_000;
  },
};
