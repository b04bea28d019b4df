import { z } from 'zod';

export const shopifySettings = z.strictObject({
  shopName: z.string().min(1).describe('Name of the shop, passed on to bots in each event'),
  // Not guessed from shopName: that is free text, and a guess would send one shop's orders to another's bot.
  shopDomain: z
    .string()
    .toLowerCase()
    .regex(/^[a-z0-9][a-z0-9-]*\.myshopify\.com$/, 'is not the myshopify.com domain of a shop')
    .optional()
    .describe(
      'like acme.myshopify.com: takes what Shopify sends for this shop to /webhooks/shopify, the one address of an app that many shops install',
    ),
});

export type ShopifySettings = z.output<typeof shopifySettings>;
