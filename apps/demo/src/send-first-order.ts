import type { Connections } from '@sluice/config';
import type { RunningApp } from '@sluice/testing';

/**
 * Sends one signed order to the first Shopify connection, and resolves when the worker has tried to create
 * its event.
 *
 * @returns whether there was a connection to send it to
 */
export async function sendFirstOrder(
  connections: Connections,
  { ingest, worker }: { readonly ingest: RunningApp; readonly worker: RunningApp },
  now: number,
): Promise<boolean> {
  const connection = connections.all().find(({ source }) => source.name === 'shopify');
  const secret = connection?.secrets[0];
  const samples = connection?.source.samples;
  if (!connection || !secret || !samples) return false;

  const { settings } = connection;
  const order = samples.sign(samples.compose('orders/create', { number: 1, now, settings }), secret.reveal());
  const answer = await fetch(`${ingest.url}/webhooks/${connection.id}`, { method: 'POST', ...order });
  if (!answer.ok)
    throw new Error(`ingest answered the first order with ${answer.status}: ${await answer.text()}`);
  const { deliveries } = (await answer.json()) as { deliveries: string[] };
  await worker.lines.waitFor((line) => line.msg === 'delivery.attempted' && line.delivery === deliveries[0]);
  return true;
}
