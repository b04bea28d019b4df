import { z } from 'zod';
import { defineCompliance } from '../../define-compliance.ts';
import { ofCustomer, ofShop } from './concerned.ts';
import { text } from './order.ts';

/** The domain, which is part of the signed body; the header that repeats it is not. */
const shop = { shop_domain: z.string().min(1).max(255) };

const account = ({ shop_domain }: { shop_domain: string }) => shop_domain;

/**
 * The topic is an unsigned header too, so a body must fit its topic and no other: a request of one
 * customer, sent again as shop/redact, would else erase the whole shop.
 */
const mustBeAbsent = z.null().optional();

/**
 * Mandatory for every app (https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance): each must
 * be answered with 200, and with 401 if its signature is wrong. shop/redact comes 48 hours after the app was
 * uninstalled, so a connection must outlive its shop by that long. customers/data_request is for the
 * merchant to answer: Sluice keeps it as it keeps delivered ones, and writes down that it came.
 */
export const shopifyCompliance = [
  defineCompliance({
    topic: 'customers/data_request',
    description: 'A customer asked the shop what is stored of them.',
    input: z.looseObject({ ...shop }),
    account,
  }),
  defineCompliance({
    topic: 'customers/redact',
    description: 'What is stored of a customer is to be erased.',
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
    description: 'What is stored of a shop is to be erased.',
    input: z.looseObject({ ...shop, customer: mustBeAbsent }),
    account,
    concerns: ({ shop_domain }) => ofShop(shop_domain),
  }),
];
