import type { ErasurePredicate } from '../../define-compliance.ts';
import type { Delivery } from '../../delivery.ts';
import { sliceElements, sliceJson } from '../../json-slice.ts';
import { shopifyHeader } from './headers.ts';

/** Erasures are not erased: each ends by itself, and then leaves nothing. */
const ERASURES = new Set(['customers/redact', 'shop/redact']);

/**
 * Finds the deliveries of a shop by the header that was stored with them. Shopify always sends it; one
 * without it is taken to be of this shop, for it came to the same connection.
 *
 * @param shop its domain, as the erasure names it
 */
export function ofShop(shop: string): ErasurePredicate {
  const wanted = shop.toLowerCase();
  return (delivery) =>
    !ERASURES.has(delivery.topic) &&
    (shopifyHeader(delivery, 'shop-domain') ?? wanted).toLowerCase() === wanted;
}

/**
 * Finds the deliveries about a customer of a shop: by the customer's id, by the orders that are to be
 * redacted, and by email address and phone, for an order may name no customer.
 *
 * @param request the exact text of customers/redact, for ids past 2^53
 */
export function ofCustomer(
  shop: string,
  customer: { readonly email?: string | null | undefined; readonly phone?: string | null | undefined },
  request: string,
): ErasurePredicate {
  const isOfShop = ofShop(shop);
  const customerId = idAt(request, ['customer', 'id']);
  const orderIds = new Set(sliceElements(request, ['orders_to_redact']).map(unquoted));
  const contacts = new Set([customer.email, customer.phone].map(normalised).filter((text) => text !== ''));
  return (delivery) => {
    if (!isOfShop(delivery) || !isAboutPeople(delivery)) return false;
    const body = parseObject(delivery.body);
    const person = objectIn(body.customer);
    return (
      (customerId !== undefined &&
        person.id != null &&
        idAt(delivery.body, ['customer', 'id']) === customerId) ||
      (orderIds.size > 0 && orderIds.has(orderIdOf(delivery, body) ?? '')) ||
      [body.email, body.contact_email, body.phone, person.email, person.phone].some((contact) =>
        contacts.has(normalised(contact)),
      )
    );
  };
}

/** In app/uninstalled the email address is the shop owner's, and the id the shop's. */
function isAboutPeople({ topic }: Delivery): boolean {
  return topic.startsWith('orders/') || topic.startsWith('customers/');
}

function orderIdOf({ topic, body: text }: Delivery, body: Record<string, unknown>): string | undefined {
  if (body.order_edit != null) return idAt(text, ['order_edit', 'order_id']);
  return topic.startsWith('orders/') ? idAt(text, ['id']) : undefined;
}

/** An id as it is written: JSON.parse makes 820982911946154508 and its neighbours one number. */
function idAt(text: string, path: readonly string[]): string | undefined {
  const slice = sliceJson(text, path);
  return slice === undefined || slice === 'null' ? undefined : unquoted(slice);
}

function unquoted(slice: string): string {
  return slice.replace(/^"(.*)"$/s, '$1');
}

function normalised(contact: unknown): string {
  return typeof contact === 'string' ? contact.trim().toLowerCase() : '';
}

function parseObject(text: string): Record<string, unknown> {
  try {
    return objectIn(JSON.parse(text));
  } catch {
    return {};
  }
}

function objectIn(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
