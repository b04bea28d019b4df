import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { verifyWebhook } from './pipeline/receive-webhook.ts';
import { everySource, NOW, SECRET, signedSample, type TestedSource } from './test-support/every-source.ts';

type Headers = Readonly<Record<string, string | undefined>>;

const isVerified = ({ source, settings }: TestedSource, headers: Headers, body: Buffer, receivedAt = NOW) =>
  verifyWebhook(source, { headers, body, receivedAt }, { secrets: ['another', SECRET], settings }).ok;

/** Any sample of the source. */
const samplesOf = (tested: TestedSource) =>
  fc
    .tuple(fc.constantFrom(...tested.samples.topics), fc.integer({ min: 1, max: 1_000 }))
    .map(([topic, number]) => signedSample(tested, topic, number));

/** Flips one bit of a byte that the seed chooses. */
function flipped(bytes: Buffer, seed: number): Buffer {
  const bit = seed % (bytes.length * 8);
  const copy = Buffer.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

/** Decodes bytes as Node decodes headers: one character per byte. */
const flippedText = (text: string, seed: number) =>
  flipped(Buffer.from(text, 'latin1'), seed).toString('latin1');

describe.each(everySource)('verification of $name', (tested) => {
  const anyBit = fc.nat();

  test('accepts every sample unchanged', () => {
    fc.assert(
      fc.property(samplesOf(tested), ({ headers, body }) => {
        expect(isVerified(tested, headers, Buffer.from(body))).toBe(true);
      }),
    );
  });

  test.runIf(tested.signsBody)('rejects a body with any bit flipped', () => {
    fc.assert(
      fc.property(samplesOf(tested), anyBit, ({ headers, body }, bit) => {
        expect(isVerified(tested, headers, flipped(Buffer.from(body), bit))).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test.runIf(tested.signsBody)('rejects a body with a byte added or removed', () => {
    fc.assert(
      fc.property(samplesOf(tested), fc.nat(255), anyBit, ({ headers, body }, byte, at) => {
        const bytes = Buffer.from(body);
        const cut = at % bytes.length;
        const [before, after] = [bytes.subarray(0, cut), bytes.subarray(cut)];
        expect(isVerified(tested, headers, Buffer.concat([before, Buffer.from([byte]), after]))).toBe(false);
        expect(isVerified(tested, headers, Buffer.concat([before, after.subarray(1)]))).toBe(false);
      }),
    );
  });

  test(`rejects ${tested.proof} with any bit flipped, with any other text, and without it`, () => {
    fc.assert(
      fc.property(
        samplesOf(tested),
        anyBit,
        fc.string({ unit: 'binary' }),
        ({ headers, body }, bit, other) => {
          const { [tested.proof]: proof = '', ...rest } = headers;
          const bytes = Buffer.from(body);
          expect(isVerified(tested, { ...rest, [tested.proof]: flippedText(proof, bit) }, bytes)).toBe(false);
          expect(isVerified(tested, { ...rest, [tested.proof]: other }, bytes)).toBe(false);
          expect(
            isVerified(tested, { ...rest, [tested.proof]: proof.slice(0, bit % proof.length) }, bytes),
          ).toBe(false);
          expect(isVerified(tested, rest, bytes)).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each(tested.signedHeaders)('rejects %s with any bit flipped, and without it', (name) => {
    fc.assert(
      fc.property(samplesOf(tested), anyBit, ({ headers, body }, bit) => {
        const { [name]: value = '', ...rest } = headers;
        expect(isVerified(tested, { ...rest, [name]: flippedText(value, bit) }, Buffer.from(body))).toBe(
          false,
        );
        expect(isVerified(tested, rest, Buffer.from(body))).toBe(false);
      }),
    );
  });

  test('never throws for any headers and body', () => {
    const headers = fc.dictionary(
      fc.constantFrom(tested.proof, ...tested.signedHeaders, ...tested.idHeaders),
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('v1,', 'sha256=', '0', '1790000000')),
    );
    fc.assert(
      fc.property(headers, fc.uint8Array({ maxLength: 200 }), fc.integer(), (some, bytes, receivedAt) => {
        expect(isVerified(tested, some, Buffer.from(bytes), receivedAt)).toBe(false);
      }),
    );
  });
});
