import { z } from 'zod';

export const shopifySettings = z.strictObject({
  shopName: z.string().min(1).describe('Name of the shop, passed on to bots in each event'),
});

export type ShopifySettings = z.output<typeof shopifySettings>;
