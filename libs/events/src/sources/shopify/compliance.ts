import { z } from 'zod';
import { defineCompliance, type ErasurePredicate } from '../../definitions/define-compliance.ts';
import type { Delivery } from '../../delivery/delivery.ts';
import { sliceElements, sliceJson } from '../../delivery/json-slice.ts';
import { shopifyHeader } from './headers.ts';

/** The shop's domain is part of the signed body; the header that repeats it is not signed. */
const shop = { shop_domain: z.string().min(1).max(255) };

const account = ({ shop_domain }: { shop_domain: string }) => shop_domain;

const text = z.string().nullish();

/**
 * The topic is an unsigned header, so a body must match its topic and no other: otherwise a request of one
 * customer, resent as shop/redact, would erase the whole shop.
 */
const mustBeAbsent = z.null().optional();

/**
 * The compliance topics that are mandatory for every app
 * (https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance). Each must get a 200, or a 401 if
 * its signature is wrong. Shopify sends shop/redact 48 hours after the app was uninstalled, so a connection
 * must outlive its shop by that long. The merchant answers customers/data_request: Sluice stores it like a
 * delivered webhook and records its arrival.
 */
export const shopifyCompliance = [
  defineCompliance({
    topic: 'customers/data_request',
    description: 'A customer asked the shop for the data stored about them.',
    input: z.looseObject({ ...shop }),
    account,
  }),
  defineCompliance({
    topic: 'customers/redact',
    description: 'The data stored about a customer must be erased.',
    input: z.looseObject({
      ...shop,
      customer: z.looseObject({ email: text, phone: text }).nullish(),
      data_request: mustBeAbsent,
    }),
    account,
    concerns: ({ shop_domain, customer }, request) => ofCustomer(shop_domain, customer ?? {}, request.body),
  }),
  defineCompliance({
    topic: 'shop/redact',
    description: 'The data stored about a shop must be erased.',
    input: z.looseObject({ ...shop, customer: mustBeAbsent }),
    account,
    concerns: ({ shop_domain }) => ofShop(shop_domain),
  }),
];

/** Erasure requests are not erased by each other: each completes, and then leaves nothing. */
const ERASURES = new Set(['customers/redact', 'shop/redact']);

/**
 * Selects the deliveries of a shop by the header stored with them. Shopify always sends the header; a
 * delivery without it counts as the shop's, because it arrived at the same connection.
 *
 * @param domain the shop's domain, as in the request
 */
function ofShop(domain: string): ErasurePredicate {
  const wanted = domain.toLowerCase();
  return (delivery) =>
    !ERASURES.has(delivery.topic) &&
    (shopifyHeader(delivery, 'shop-domain') ?? wanted).toLowerCase() === wanted;
}

/**
 * Selects the deliveries about a customer of a shop: by the customer's id, by the orders to redact, and by
 * e-mail address and phone number, because an order may name no customer.
 *
 * @param request the exact text of customers/redact, for ids past 2^53
 */
function ofCustomer(
  domain: string,
  customer: { readonly email?: string | null | undefined; readonly phone?: string | null | undefined },
  request: string,
): ErasurePredicate {
  const isOfShop = ofShop(domain);
  const customerId = idAt(request, ['customer', 'id']);
  const orderIds = new Set(sliceElements(request, ['orders_to_redact']).map(unquote));
  const contacts = new Set(
    [customer.email, customer.phone].map(normalize).filter((contact) => contact !== ''),
  );
  return (delivery) => {
    if (!isOfShop(delivery) || !isAboutCustomers(delivery)) return false;
    const body = parseObject(delivery.body);
    const person = toObject(body.customer);
    return (
      (customerId !== undefined &&
        person.id != null &&
        idAt(delivery.body, ['customer', 'id']) === customerId) ||
      (orderIds.size > 0 && orderIds.has(orderIdOf(delivery, body) ?? '')) ||
      [body.email, body.contact_email, body.phone, person.email, person.phone].some((contact) =>
        contacts.has(normalize(contact)),
      )
    );
  };
}

/** In app/uninstalled the e-mail address is the shop owner's, and the id is the shop's. */
function isAboutCustomers({ topic }: Delivery): boolean {
  return !topic.startsWith('app/') && !topic.startsWith('shop/');
}

/** Returns the id of the order that a delivery is about: an order, an edit, a refund, a fulfillment, a transaction. */
function orderIdOf({ topic, body: exact }: Delivery, body: Record<string, unknown>): string | undefined {
  if (body.order_edit != null) return idAt(exact, ['order_edit', 'order_id']);
  return idAt(exact, topic.startsWith('orders/') ? ['id'] : ['order_id']);
}

/** Returns an id as written: JSON.parse rounds 820982911946154508 and its neighbors to one number. */
function idAt(exact: string, path: readonly string[]): string | undefined {
  const slice = sliceJson(exact, path);
  return slice === undefined || slice === 'null' ? undefined : unquote(slice);
}

function unquote(slice: string): string {
  return slice.replace(/^"(.*)"$/s, '$1');
}

function normalize(contact: unknown): string {
  return typeof contact === 'string' ? contact.trim().toLowerCase() : '';
}

function parseObject(exact: string): Record<string, unknown> {
  try {
    return toObject(JSON.parse(exact));
  } catch {
    return {};
  }
}

function toObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
