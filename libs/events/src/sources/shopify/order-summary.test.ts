import { expect, test } from 'vitest';
import { composeOrder } from './order-samples.ts';
import { mapOrderSummary } from './order-summary.ts';
import { eventOf } from './test-support/receive.ts';

const line = (title: unknown, quantity: unknown, more = {}) => ({ title, quantity, ...more });

test('events of an order have what a message needs at the top level', () => {
  const order = { ...composeOrder(1, 1_790_000_000_000, 'acme.myshopify.com'), phone: '+15550100' };
  for (const topic of ['orders/create', 'orders/updated', 'orders/paid']) {
    expect(eventOf(topic, order).payload).toMatchObject({
      name: expect.stringMatching(/^#\d+$/),
      customer_name: 'Jörg Weiß',
      email: 'customer-1@example.com',
      phone: '+15550100',
      currency: 'EUR',
      item_count: expect.any(Number),
      item_summary: expect.stringMatching(/^\d × .+, \d × .+, \d × .+$/),
    });
  }
});

test.each([
  [{}, {}],
  [{ name: null, email: '', phone: null, customer: null, billing_address: null, line_items: null }, {}],
  [{ name: 7, email: ['a'], customer: 'Ada', line_items: {} }, {}],
  [{ line_items: [] }, { item_count: 0 }],
  [{ email: '', contact_email: ' ', customer: { email: 'ada@example.com' } }, { email: 'ada@example.com' }],
  [{ customer: { first_name: 'Ada', last_name: null } }, { customer_name: 'Ada' }],
  [
    { customer: { first_name: '' }, billing_address: { name: 'Ada Okafor' } },
    { customer_name: 'Ada Okafor' },
  ],
  [{ phone: '', shipping_address: { phone: '+1555' } }, { phone: '+1555' }],
  [{ line_items: [line('Mug', 2), line('Cap', 1)] }, { item_count: 3, item_summary: '2 × Mug, 1 × Cap' }],
  [
    { line_items: [line('A', 1), line('B', 1), line('C', 1), line('D', 4), line('E', 2)] },
    { item_count: 9, item_summary: '1 × A, 1 × B, 1 × C and 6 more' },
  ],
  [
    { line_items: [line('Mug', 3, { current_quantity: 1 }), line('Cap', 1, { current_quantity: 0 })] },
    { item_count: 1, item_summary: '1 × Mug' },
  ],
  [
    { line_items: [null, line(null, 1), line('Mug', 'two'), line('Cap', null)] },
    { item_count: 1, item_summary: '1 × item' },
  ],
])('the summary of %j', (order, summary) => {
  expect(mapOrderSummary(order)).toEqual(summary);
});

test('long titles are shortened without cutting a character in half', () => {
  const { item_summary = '' } = mapOrderSummary({ line_items: [line('🧦'.repeat(100), 1)] });
  expect(item_summary).toBe(`1 × ${'🧦'.repeat(79)}…`);
});
