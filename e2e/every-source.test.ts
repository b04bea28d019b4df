import { loadConnections } from '@sluice/config';
import { type RunningPipeline, startPipeline } from '@sluice/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

const CONNECTIONS = new URL('../config/connections.demo.yaml', import.meta.url).pathname;

/** Every topic of every demo connection, sent like `sluice send`. */
const cases = loadConnections(CONNECTIONS)
  .all()
  .flatMap((connection) => (connection.source.samples?.topics ?? []).map((topic) => ({ connection, topic })))
  .map(({ connection, topic }, index) => ({
    name: `${connection.source.name} ${topic}`,
    connection,
    topic,
    number: index + 1,
  }));

let pipeline: RunningPipeline;

beforeAll(async () => {
  pipeline = await startPipeline();
});

afterAll(() => pipeline.stop());

test('each source has a demo connection', () => {
  const sources = new Set(cases.map(({ connection }) => connection.source.name));
  expect([...sources].toSorted()).toEqual(['linear', 'shopify', 'standard-webhooks', 'telegram', 'whatsapp']);
});

test.each(cases)(
  '$name is processed, and its resend creates no event',
  async ({ connection, topic, number }) => {
    const { samples, reply } = connection.source;
    if (!samples) throw new Error('no samples');
    const { settings } = connection;
    const sample = samples.compose(topic, { number, now: Date.now(), settings });
    const request = samples.sign(sample, connection.secrets[0]?.reveal() ?? '');
    const post = async () => {
      const { headers, body } = request;
      const answer = await fetch(pipeline.webhookUrl(connection.id), { method: 'POST', headers, body });
      expect(answer.status).toBe(200);
      const text = await answer.text();
      if (reply === 'empty') expect(text).toBe('');
      return pipeline.ingest.lines.waitFor(
        (line) => line.msg === 'webhook.ingested' && !seen.has(line) && seen.add(line).has(line),
      );
    };
    const seen = new Set<unknown>(pipeline.ingest.lines.seen);
    const first = await post();
    expect(['accepted', 'ignored']).toContain(first.result);
    for (const id of (first.deliveries ?? []) as string[]) {
      const attempt = await pipeline.worker.lines.waitFor(
        (line) => line.delivery === id && line.outcome !== undefined,
      );
      expect(attempt).not.toMatchObject({ outcome: 'dead' });
    }
    const again = await post();
    expect(again.result).toBe(first.result === 'ignored' ? 'ignored' : 'duplicate');
  },
);
