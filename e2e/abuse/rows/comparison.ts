import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { createSourceRegistry, verifyWebhook } from '@sluice/events';
import { SETTINGS, SOURCES, type SourceName, secretOf } from '../connections.ts';
import type { Row } from '../row.ts';
import { SIGNATURE_HEADERS, signed } from '../signed.ts';

/** Forgeries that a comparison with an early exit would distinguish. */
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
 * Returns the operand lengths of all comparisons of a verification, for each forgery. They must not depend on the
 * forgery. WhatsApp compares twice when it tries a second form of the body.
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

/** Returns the lengths passed to timingSafeEqual, which rejects operands of different lengths. */
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
    input: 'forgeries that match at the beginning, at the end or nowhere, too short, too long',
    expected: 'timingSafeEqual with one length, every source',
    run: async () => {
      const odd = SOURCES.map((source) => [source, [...new Set(compare(source))]] as const).filter(
        ([source, lengths]) => (lengths.includes('none') ? !mayCompareNothing(source) : lengths.length !== 1),
      );
      return {
        got:
          odd.map(([source, lengths]) => `${source}: ${lengths}`).join('; ') ||
          'timingSafeEqual with one length, every source',
        detail: `${SOURCES.length} sources, ${FORGERIES.length} forgeries`,
      };
    },
  },
];

/** The header is a list of `v1,…`. Invalid entries are not compared, which reveals nothing of the secret. */
const mayCompareNothing = (source: SourceName) => source === 'standard-webhooks';
