import { createHmac } from 'node:crypto';
import type { SourceDefinition } from '../definitions/define-source.ts';
import type { SampleRequest, SourceSamples } from '../definitions/samples.ts';
import { type ChosenEvents, chooseEvents } from '../pipeline/choose-events.ts';
import { createSourceRegistry } from '../registry.ts';

/** A source of the registry with what property tests need. */
export interface TestedSource {
  readonly name: string;
  readonly source: SourceDefinition;
  readonly settings: unknown;
  /** The events with every topic enabled. */
  readonly events: ChosenEvents;
  readonly samples: SourceSamples;
  /** The header with the signature or token. */
  readonly proof: string;
  /** Headers that the signature covers. */
  readonly signedHeaders: readonly string[];
  /** False if the platform only sends a token and signs nothing. */
  readonly signsBody: boolean;
  /** Headers that may identify the occurrence; without them only the body does. */
  readonly idHeaders: readonly string[];
}

type Traits = Pick<TestedSource, 'proof'> &
  Partial<Pick<TestedSource, 'signedHeaders' | 'signsBody' | 'idHeaders' | 'samples'>> & {
    readonly settings: unknown;
  };

const customSettings = {
  signature: {
    kind: 'hmac',
    header: 'x-signature',
    encoding: 'base64',
    signed: ['timestamp', '.', 'body'],
    timestamp: { header: 'x-timestamp' },
  },
  topic: { path: 'type' },
  idempotencyKey: { path: 'id' },
  events: {
    '*': { name: 'somethingHappened' },
    picked: { name: 'picked', payload: { id: 'id', deep: 'a.0.b' }, required: ['id'] },
  },
};

const customSamples: SourceSamples = {
  topics: ['parcel.sent', 'picked'],
  compose: (type, { number, now }) => ({
    headers: { 'x-timestamp': String(Math.floor(now / 1_000)) },
    body: JSON.stringify({ type, id: `${type}-${number}-${now}`, a: [{ b: number }] }),
  }),
  sign: (request, secret) => {
    const hmac = createHmac('sha256', secret).update(`${request.headers['x-timestamp']}.${request.body}`);
    return { ...request, headers: { ...request.headers, 'x-signature': hmac.digest('base64') } };
  },
};

const traits: Readonly<Record<string, Traits>> = {
  custom: {
    settings: customSettings,
    proof: 'x-signature',
    signedHeaders: ['x-timestamp'],
    samples: customSamples,
  },
  linear: { settings: {}, proof: 'linear-signature' },
  shopify: {
    settings: { shopName: 'acme' },
    proof: 'x-shopify-hmac-sha256',
    idHeaders: ['x-shopify-event-id', 'x-shopify-webhook-id'],
  },
  'standard-webhooks': {
    settings: { events: { '*': 'somethingHappened' } },
    proof: 'webhook-signature',
    signedHeaders: ['webhook-id', 'webhook-timestamp'],
    idHeaders: ['webhook-id'],
  },
  telegram: { settings: {}, proof: 'x-telegram-bot-api-secret-token', signsBody: false },
  whatsapp: { settings: { verifyToken: 'acme' }, proof: 'x-hub-signature-256' },
};

/** Every source of the registry. A source without traits here throws, so that none goes untested. */
export const everySource: readonly TestedSource[] = Array.from(createSourceRegistry().values(), (source) => {
  const { name } = source;
  const known = traits[name];
  const samples = source.samples ?? known?.samples;
  if (!known || !samples) throw new Error(`No traits for ${name}. Add them to test-support/every-source.ts.`);
  const settings = source.settings.parse(known.settings);
  const topics = source.events.flatMap((event) => [event.topic].flat());
  const choice = chooseEvents(source, settings, Object.fromEntries(topics.map((topic) => [topic, true])));
  if (!choice.ok) throw new Error(choice.unknownTopics.join());
  const { proof, signedHeaders = [], signsBody = true, idHeaders = [] } = known;
  return {
    name,
    source,
    settings,
    events: choice.events,
    samples,
    proof,
    signedHeaders,
    signsBody,
    idHeaders,
  };
});

/** The time of every webhook in these tests, in milliseconds since the epoch. */
export const NOW = 1_790_000_000_000;
export const SECRET = 'property test secret';

/** Returns a signed sample of a source. */
export function signedSample({ samples, settings }: TestedSource, topic: string, number = 1): SampleRequest {
  return samples.sign(samples.compose(topic, { number, now: NOW, settings }), SECRET);
}
