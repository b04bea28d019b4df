import { createHmac } from 'node:crypto';
import type { SampleRequest, SourceSamples } from '../../samples.ts';
import { escapeNonAscii } from './escape-non-ascii.ts';
import {
  composeError,
  composeMessage,
  composePreference,
  composeStatus,
  composeTemplateStatus,
  composeWelcome,
  type SampleChange,
} from './sample-updates.ts';
import type { WhatsAppSettings } from './settings.ts';
import { topics } from './topics.ts';

type Compose = (number: number, now: number) => SampleChange;

/** Not a topic, but several in one request: two accounts, seven items, two of which nobody asks for. */
const BATCH = 'batch';
const batched: readonly Compose[] = [
  composeMessage,
  composeWelcome,
  composeStatus,
  composeStatus,
  composePreference,
  composeError,
  composeTemplateStatus,
];

const composers: Readonly<Record<string, readonly Compose[]>> = {
  [topics.message]: [composeMessage],
  [topics.chatOpened]: [composeWelcome],
  [topics.status]: [composeStatus],
  [topics.templateStatus]: [composeTemplateStatus],
  [topics.error]: [composeError],
  [topics.other]: [composePreference],
  [BATCH]: batched,
};

/** Webhooks as Meta sends them: written from its documentation and from what real payloads leave out. */
export const whatsappSamples: SourceSamples<WhatsAppSettings> = {
  topics: Object.keys(composers),
  compose(topic, { number, now }): SampleRequest {
    const composed = Object.hasOwn(composers, topic) ? composers[topic] : undefined;
    if (!composed) {
      throw new RangeError(`no sample of ${topic}; there are: ${Object.keys(composers).join(', ')}`);
    }
    // Numbers of one batch are apart from those of the next.
    const changes = composed.map((compose, index) => compose(number * composed.length + index, now));
    return {
      headers: { 'content-type': 'application/json', 'user-agent': 'facebookexternalua' },
      body: JSON.stringify({ object: 'whatsapp_business_account', entry: composeEntries(changes, now) }),
    };
  },
  sign(request, secret) {
    const bytes = Buffer.from(request.body);
    const signature = createHmac('sha256', secret).update(escapeNonAscii(bytes) ?? bytes);
    const header = `sha256=${signature.digest('hex')}`;
    return { ...request, headers: { ...request.headers, 'x-hub-signature-256': header } };
  },
};

/** Halves the changes between two accounts; only template updates and the like come with a time. */
function composeEntries(changes: readonly SampleChange[], now: number) {
  const half = Math.ceil(changes.length / 2);
  const parts = [changes.slice(0, half), changes.slice(half)].filter((part) => part.length > 0);
  return parts.map((part, index) => {
    const timed = part.some(({ field }) => field !== 'messages');
    const time = timed ? { time: Math.floor(now / 1000) } : {};
    return { id: String(102_290_129_340_398 + index), ...time, changes: part };
  });
}
