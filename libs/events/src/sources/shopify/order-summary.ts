import { z } from 'zod';
import { fieldOf } from '../../delivery/json-slice.ts';

/**
 * What a message about an order needs. Not part of the input schema: an order with an unexpected value here is
 * still delivered, without that field.
 */
export const orderSummaryPayload = {
  name: z.string().optional().describe('Name of the order that the customer sees, like #1001'),
  customer_name: z
    .string()
    .optional()
    .describe('Name of the customer, else of the billing or shipping address'),
  email: z.string().optional().describe('E-mail address of the order, else of the customer'),
  phone: z.string().optional().describe('Phone number of the order, else of the customer or an address'),
  item_count: z.number().optional().describe('Number of items: the sum of the quantities of all lines'),
  item_summary: z
    .string()
    .optional()
    .describe('The first items, like 2 × Enamel mug, 1 × Wool socks and 3 more'),
};

type OrderSummary = {
  [name in keyof typeof orderSummaryPayload]?: name extends 'item_count' ? number : string;
};

/**
 * Maps an order to `orderSummaryPayload`. Empty texts count as missing, as Shopify sends them for no value.
 *
 * Every order passes here, so it allocates little: no paths, no lists of candidates.
 */
export function mapOrderSummary(order: unknown): OrderSummary {
  const summary: OrderSummary = {};
  const customer = fieldOf(order, 'customer');
  const billing = fieldOf(order, 'billing_address');
  const shipping = fieldOf(order, 'shipping_address');
  set(summary, 'name', textOf(order, 'name'));
  set(summary, 'customer_name', nameOf(customer) ?? textOf(billing, 'name') ?? textOf(shipping, 'name'));
  set(
    summary,
    'email',
    textOf(order, 'email') ?? textOf(order, 'contact_email') ?? textOf(customer, 'email'),
  );
  const phone = textOf(order, 'phone') ?? textOf(customer, 'phone');
  set(summary, 'phone', phone ?? textOf(shipping, 'phone') ?? textOf(billing, 'phone'));
  summarizeItems(summary, fieldOf(order, 'line_items'));
  return summary;
}

function set(
  summary: OrderSummary,
  name: Exclude<keyof OrderSummary, 'item_count'>,
  text: string | undefined,
) {
  if (text !== undefined) summary[name] = text;
}

function textOf(json: unknown, name: string): string | undefined {
  const value = fieldOf(json, name);
  return typeof value === 'string' ? value.trim() || undefined : undefined;
}

function nameOf(customer: unknown): string | undefined {
  const first = textOf(customer, 'first_name');
  const last = textOf(customer, 'last_name');
  return first && last ? `${first} ${last}` : (first ?? last);
}

/** Lines in the summary; a message has little room. */
const MAX_LINES = 3;
const MAX_TITLE = 80;

function summarizeItems(summary: OrderSummary, lines: unknown): void {
  if (!Array.isArray(lines)) return;
  let count = 0;
  let listed = 0;
  let rest = 0;
  let text = '';
  for (const line of lines as readonly unknown[]) {
    const quantity = quantityOf(line);
    if (quantity <= 0) continue;
    count += quantity;
    if (listed === MAX_LINES) rest += quantity;
    else {
      listed++;
      text += `${listed > 1 ? ', ' : ''}${quantity} × ${shorten(textOf(line, 'title') ?? textOf(line, 'name') ?? 'item')}`;
    }
  }
  summary.item_count = count;
  if (listed > 0) summary.item_summary = rest > 0 ? `${text} and ${rest} more` : text;
}

/** After an edit, `quantity` still counts removed items; `current_quantity` does not. */
function quantityOf(line: unknown): number {
  const quantity = fieldOf(line, 'current_quantity') ?? fieldOf(line, 'quantity');
  return typeof quantity === 'number' && Number.isFinite(quantity) ? quantity : 0;
}

/** Shortens by code points, so that no character is cut in half. */
function shorten(title: string): string {
  if (title.length <= MAX_TITLE) return title;
  const characters = [...title];
  return characters.length > MAX_TITLE ? `${characters.slice(0, MAX_TITLE - 1).join('')}…` : title;
}
