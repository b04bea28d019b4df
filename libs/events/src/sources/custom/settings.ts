import { z } from 'zod';
import { eventsSettings } from './event-settings.ts';
import { keyPlace, topicPlace } from './places.ts';
import { signatureSettings } from './signature-settings.ts';

export const customSettings = z
  .strictObject({
    signature: signatureSettings,
    topic: topicPlace,
    idempotencyKey: keyPlace.optional(),
    events: eventsSettings,
  })
  .superRefine(({ signature, idempotencyKey }, context) => {
    if (signature.kind !== 'hmac' || !signature.signed.includes('id')) return;
    if (idempotencyKey?.header !== undefined) return;
    const message = 'has the id, which is read before the body: give idempotencyKey a header';
    context.addIssue({ code: 'custom', path: ['signature', 'signed'], message });
  });

export type CustomSettings = z.output<typeof customSettings>;
