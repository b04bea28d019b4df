import { Client } from '@botpress/client';
import { Worker } from 'bullmq';
import { Agent, request } from 'undici';
import { CALLER, orderEvent } from '../order-event.ts';
import { BARE_QUEUE } from './orders.ts';

/** Orders of a bare worker, as JSON in its first argument. */
export interface BareOrders {
  readonly call: 'client' | 'undici';
  readonly redisUrl: string;
  readonly apiUrl: string;
  readonly concurrency: number;
}

const { call, redisUrl, apiUrl, concurrency }: BareOrders = JSON.parse(process.argv[2] ?? '{}');

type CreateEvent = (event: ReturnType<typeof orderEvent>) => Promise<void>;

function withClient(): CreateEvent {
  const client = new Client({ apiUrl, ...CALLER });
  return async (event) => void (await client.createEvent(event));
}

function withUndici(): CreateEvent {
  const dispatcher = new Agent({ connections: concurrency });
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${CALLER.token}`,
    'x-bot-id': CALLER.botId,
    'x-integration-id': CALLER.integrationId,
  };
  return async (event) => {
    const body = JSON.stringify(event);
    const url = `${apiUrl}/v1/chat/events`;
    const answer = await request(url, { dispatcher, method: 'POST', headers, body });
    const created = (await answer.body.json()) as { event?: { id?: string } };
    if (answer.statusCode !== 201 || !created.event?.id) throw new Error(`answered ${answer.statusCode}`);
  };
}

const createEvent = call === 'client' ? withClient() : withUndici();

const worker = new Worker(
  BARE_QUEUE,
  async ({ id, data }) => {
    await createEvent(orderEvent(data.webhookId ?? String(id), data.body));
  },
  {
    connection: { url: redisUrl, maxRetriesPerRequest: null },
    concurrency,
    removeOnComplete: { count: 1_000 },
  },
);
worker.on('error', (error) => process.stderr.write(`${error.stack}\n`));
worker.on('failed', (_job, error) => process.stderr.write(`${error.stack}\n`));
