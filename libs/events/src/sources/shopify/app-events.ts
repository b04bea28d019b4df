import { z } from 'zod';
import { defineEvent, type MapContext, withoutNulls } from '../../definitions/define-event.ts';
import { shopifyHeader } from './headers.ts';
import { type SampleBodies, SHOP_ID } from './order-samples.ts';
import type { ShopifySettings } from './settings.ts';

const text = z.string().nullish();

/** The body is the shop. Shopify's own test webhooks have a null `myshopify_domain`. */
const shop = z.looseObject({
  id: z.number().nullish(),
  name: text,
  email: text,
  myshopify_domain: text,
  plan_name: text,
});

export const appEvents = [
  defineEvent({
    name: 'appUninstalled',
    title: 'App uninstalled',
    description: 'A shop uninstalled the app. Its webhooks end, except shop/redact 48 hours later.',
    topic: 'app/uninstalled',
    input: shop,
    schema: z.object({
      shopName: z.string().describe("Name of the shop, from the connection's settings"),
      shop_id: z.number().optional().describe('Id of the shop'),
      shop_domain: z.string().optional().describe('Domain of the shop: ….myshopify.com'),
      name: z.string().optional().describe('Name of the shop, from Shopify'),
      email: z.string().optional().describe('Contact e-mail address of the shop'),
      plan_name: z.string().optional().describe('Plan of the shop, like basic'),
      fullBody: z.record(z.string(), z.unknown()).describe('The whole shop, as Shopify sent it'),
    }),
    map: (body: z.output<typeof shop>, { settings, delivery }: MapContext<ShopifySettings>) => ({
      shopName: settings.shopName,
      fullBody: body,
      ...withoutNulls({
        shop_id: body.id,
        shop_domain: body.myshopify_domain ?? shopifyHeader(delivery, 'shop-domain'),
        name: body.name,
        email: body.email,
        plan_name: body.plan_name,
      }),
    }),
  }),
];

export const appSamples: SampleBodies = { 'app/uninstalled': composeShop };

/** Composes the body of app/uninstalled: the shop. */
export function composeShop(number: number, now: number, shop: string): Record<string, unknown> {
  return {
    id: SHOP_ID + number,
    name: 'Sluice Goods',
    email: 'owner@example.com',
    domain: shop,
    province: null,
    country: 'PT',
    address1: '1 Rua do Exemplo',
    zip: '10000',
    city: 'Lisboa',
    source: null,
    phone: null,
    primary_locale: 'pt-PT',
    created_at: new Date(now - 30 * 86_400_000).toISOString(),
    updated_at: new Date(now).toISOString(),
    country_code: 'PT',
    country_name: 'Portugal',
    currency: 'EUR',
    customer_email: 'owner@example.com',
    iana_timezone: 'Europe/Lisbon',
    shop_owner: 'Ada Okafor',
    plan_display_name: 'Basic',
    plan_name: 'basic',
    myshopify_domain: shop,
    has_storefront: true,
    setup_required: false,
  };
}
