import { SchedulerRig } from './scheduler-rig.ts';

/** A worker process that prints the id of each delivery it sends, until it is killed. */
const [url = ''] = process.argv.slice(2);
const rig = new SchedulerRig(url, { lockDuration: 1_000 });
await rig.startWorker({
  concurrency: 10,
  send: async (job) => {
    process.stdout.write(`${job.id}\n`);
    return { eventId: 'evt' };
  },
});
