import { runSluice } from '@sluice/testing';
import { fixMapper } from '../fix-mapper.ts';
import type { Row } from '../row.ts';
import { TROUBLE_MODULE, troubleWebhook } from '../webhooks.ts';

const BROKEN = 30;
const FINE = 30;

export const mapperThrows: Row = {
  row: 21,
  fault: 'mapper throws, then is fixed',
  passes: 'dead at the first attempt; a replay delivers them',
  extra: 'none',
  options: { module: TROUBLE_MODULE, connections: [{ id: 'trouble', source: 'trouble' }] },
  async run(scene) {
    scene.faultStarted();
    const make = (index: number) => troubleWebhook({ trouble: index < BROKEN ? 'throw' : 'none' });
    await scene.load({ count: BROKEN + FINE, make }).done;
    await scene.drained();
    const reasons = await scene.deadReasons();
    const threw = reasons.filter((reason) => reason === 'mapper_threw').length;
    scene.check('dead letters with mapper_threw', threw === BROKEN && reasons.length === BROKEN, threw);
    const attempts = scene.attempts(({ outcome }) => outcome === 'dead');
    scene.check('attempts until dead', attempts.length === BROKEN, attempts.length);
    await fixMapper(scene);
    const replay = await runSluice(['replay', 'run', '--reason', 'mapper_threw'], {
      REDIS_URL: scene.redisUrl,
    });
    const { code, stdout } = await replay.ended;
    scene.faultEnded();
    scene.check('sluice replay succeeds', code === 0, stdout.trim().split('\n').at(-1) ?? '');
    await scene.drained();
    scene.recovery = (Date.now() - scene.faultEndedAt) / 1_000;
  },
};
