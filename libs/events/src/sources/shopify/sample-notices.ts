import { sampleCustomer, sampleOrderId } from './sample-order.ts';

export const SHOP_ID = 548_380_000;

/** Composes the body of orders/edited: one line more of one thing. */
export function composeOrderEdit(number: number, now: number): Record<string, unknown> {
  const at = new Date(now).toISOString();
  const orderId = sampleOrderId(number, now - 3_600_000);
  return {
    order_edit: {
      id: 78_900_000_000 + number,
      app_id: null,
      created_at: at,
      notify_customer: number % 2 === 0,
      order_id: orderId,
      staff_note: number % 2 === 0 ? '' : 'Customer called and wants one more',
      user_id: null,
      committed_at: at,
      line_items: { additions: [{ id: orderId * 10 + 1, delta: 1 }], removals: [] },
      discounts: { line_item: { additions: [], removals: [] } },
      shipping_lines: { additions: [], removals: [] },
    },
  };
}

/** Composes the body of app/uninstalled, which is the shop. */
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

/** Composes what customers/data_request and customers/redact have in common: who it is about. */
export function composeCustomerRequest(number: number, shop: string): Record<string, unknown> {
  return { shop_id: SHOP_ID, shop_domain: shop, customer: sampleCustomer(number) };
}
