import { z } from 'zod';

/**
 * The settings of a connection with `source: whatsapp`.
 *
 * The verify token is not one of the secrets: every secret is a key that may sign webhooks. Meta sends the
 * verify token in a URL, which proxies log, so a reader of those logs could forge webhooks.
 */
export const whatsappSettings = z.strictObject({
  verifyToken: z
    .string()
    .min(1)
    .optional()
    .describe("verify token entered in Meta's dashboard; without it every handshake fails"),
});

export type WhatsAppSettings = z.output<typeof whatsappSettings>;
