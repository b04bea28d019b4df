import { z } from 'zod';

/** The settings of a connection with `source: shopify`. */
export const shopifySettings = z.strictObject({
  shopName: z.string().min(1).describe('name of the shop, included in every event'),
  // Not derived from shopName, which is free text: a wrong guess would send a shop's orders to another bot.
  shopDomain: z
    .string()
    .toLowerCase()
    .regex(/^[a-z0-9][a-z0-9-]*\.myshopify\.com$/, 'is not a myshopify.com domain like acme.myshopify.com')
    .optional()
    .describe(
      'domain of the shop, like acme.myshopify.com: routes its webhooks at /webhooks/shopify, the shared address of an app that many shops install',
    ),
});

export type ShopifySettings = z.output<typeof shopifySettings>;
