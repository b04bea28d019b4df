import type { Row } from '../row.ts';

const TIMES = 100;

export const atOnce: Row = {
  row: 18,
  fault: `the same webhook ${TIMES} times at once`,
  passes: 'one event; only 2xx responses',
  extra: 'none',
  async run(scene) {
    await scene.load({ count: 1, times: TIMES, concurrency: TIMES }).done;
    await scene.drained();
    const { commits } = await scene.pipeline.sandbox.ledger();
    scene.check('events', commits === 1, commits);
    const good = scene.responses.filter(({ status }) => status >= 200 && status < 300).length;
    scene.check(
      'answers 2xx',
      good === TIMES && scene.responses.length === TIMES,
      `${good} of ${scene.responses.length}`,
    );
  },
};
