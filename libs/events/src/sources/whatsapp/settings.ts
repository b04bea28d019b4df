import { z } from 'zod';

/**
 * The verify token stands here and not among the secrets: every secret is a key that may sign webhooks, so
 * whoever knew the token, which Meta sends in a URL and which proxies log, could forge them.
 */
export const whatsappSettings = z.strictObject({
  verifyToken: z
    .string()
    .min(1)
    .optional()
    .describe("The verify token typed into Meta's dashboard; without it no handshake succeeds"),
});

export type WhatsAppSettings = z.output<typeof whatsappSettings>;
