import { Client } from '@botpress/client';
import { CALLER, orderEvent } from '../order-event.ts';
import { ORDERS, openPgBoss } from './open-pg-boss.ts';

const [, , folder = '', databaseUrl = '', apiUrl = '', concurrency = ''] = process.argv;

/** Takes as many at once as other workers do, and fetches again while a full batch was there. */
const options = { batchSize: Number(concurrency), burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 };
const client = new Client({ apiUrl, ...CALLER });
const boss = await openPgBoss(folder, databaseUrl);
await boss.work(ORDERS, options, (jobs) =>
  Promise.all(jobs.map(({ data }) => client.createEvent(orderEvent(data.webhookId, data.body)))).then(
    () => {},
  ),
);
