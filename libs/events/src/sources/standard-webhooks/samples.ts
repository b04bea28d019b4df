import { createHash, createHmac } from 'node:crypto';
import { composerOf, type SampleRequest, type SourceSamples } from '../../definitions/samples.ts';
import { signingKeys } from './verify.ts';

const composers: Record<string, (number: number, at: string) => unknown> = {
  'user.created': (number, at) => ({
    type: 'user.created',
    timestamp: at,
    data: {
      id: `user_${1_000 + number}`,
      email: `user-${number}@example.com`,
      name: 'Jörg Weiß',
      locale: null,
      created_at: at,
    },
  }),
  'invoice.paid': (number, at) => ({
    type: 'invoice.paid',
    timestamp: at,
    data: {
      id: `inv_${20_000 + number}`,
      customer: `user_${1_000 + number}`,
      amount: 1_000 + number * 10,
      currency: 'EUR',
      lines: [{ description: 'Subscription', quantity: 1 }],
      paid_at: at,
    },
  }),
};

/** Sample webhooks in the form that the specification recommends: type, timestamp, data. */
export const standardWebhooksSamples: SourceSamples = {
  topics: Object.keys(composers),
  compose(topic, { number, now }): SampleRequest {
    const compose = composerOf(composers, topic);
    return {
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Standard-Webhooks-Sample/1.0',
        'webhook-id': `msg_${createHash('sha256').update(`${topic} ${number} ${now}`).digest('hex').slice(0, 27)}`,
        'webhook-timestamp': String(Math.floor(now / 1_000)),
      },
      body: JSON.stringify(compose(number, new Date(now).toISOString())),
    };
  },
  sign(request, secret) {
    const [key] = signingKeys(secret);
    if (!key) throw new RangeError('Invalid secret: it begins with whsec_, but the rest is not base64.');
    const signed = `${request.headers['webhook-id']}.${request.headers['webhook-timestamp']}.${request.body}`;
    const signature = createHmac('sha256', key).update(signed).digest('base64');
    return { ...request, headers: { ...request.headers, 'webhook-signature': `v1,${signature}` } };
  },
};
