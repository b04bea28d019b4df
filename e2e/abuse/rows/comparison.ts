import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { createSourceRegistry, verifyWebhook } from '@sluice/events';
import { SETTINGS, SOURCES, type SourceName, secretOf } from '../connections.ts';
import type { Row } from '../row.ts';
import { SIGNATURE_HEADERS, signed } from '../signed.ts';

/** Forgeries that a comparison which gives up early would tell apart. */
const FORGERIES: readonly ((signature: string) => string)[] = [
  (signature) => signature,
  (signature) => `~${signature.slice(1)}`,
  (signature) => `${signature.slice(0, -1)}~`,
  (signature) => '~'.repeat(signature.length),
  (signature) => signature.slice(0, 7),
  (signature) => `${signature}~`,
  () => '',
];

/**
 * Lengths of what each comparison of a verification got, in words: the same for every forgery, or the length
 * of what was compared tells something. WhatsApp compares twice where a second form of the body is tried.
 */
function compare(source: SourceName): readonly string[] {
  const definition = createSourceRegistry().get(source);
  if (!definition) throw new Error(`no source ${source}`);
  const { headers, body } = signed(source);
  const header = SIGNATURE_HEADERS[source];
  const secrets = ['another secret', secretOf(source)];
  return FORGERIES.map((forge) => {
    const webhook = {
      headers: { ...headers, [header]: forge(headers[header] ?? '') },
      body: Buffer.from(body),
      receivedAt: Date.now(),
    };
    const lengths = watchComparisons(() => {
      verifyWebhook(definition, webhook, { secrets, settings: definition.settings.parse(SETTINGS[source]) });
    });
    return [...new Set(lengths)].join('+') || 'none';
  });
}

/** What goes through timingSafeEqual meanwhile; it refuses operands of different lengths by itself. */
function watchComparisons(run: () => void): number[] {
  const original = crypto.timingSafeEqual;
  const lengths: number[] = [];
  crypto.timingSafeEqual = (a, b) => {
    lengths.push(a.byteLength);
    return original(a, b);
  };
  syncBuiltinESMExports();
  try {
    run();
  } finally {
    crypto.timingSafeEqual = original;
    syncBuiltinESMExports();
  }
  return lengths;
}

export const comparison: readonly Row[] = [
  {
    row: 4,
    input: 'forgeries that are right at the beginning, at the end, nowhere, too short, too long',
    expected: 'timingSafeEqual over one length, every source',
    run: async () => {
      const odd = SOURCES.map((source) => [source, [...new Set(compare(source))]] as const).filter(
        ([source, lengths]) => (lengths.includes('none') ? !mayCompareNothing(source) : lengths.length !== 1),
      );
      return {
        got:
          odd.map(([source, lengths]) => `${source}: ${lengths}`).join('; ') ||
          'timingSafeEqual over one length, every source',
        detail: `${SOURCES.length} sources, ${FORGERIES.length} forgeries`,
      };
    },
  },
];

/** Where the header is a list of `v1,…`, what is no entry of it is not compared: nothing of a secret shows. */
const mayCompareNothing = (source: SourceName) => source === 'standard-webhooks';
