import type { Delivery } from '@sluice/events';
import { deliveryOf } from '../dead-letters/deaths.ts';
import { resizeOrder } from '../resize-order.ts';

type Order = { readonly line_items: readonly Readonly<Record<string, unknown>>[] } & Record<string, unknown>;

/** A delivery of a distinct order, of that many bytes: with line items of other orders and a note as filler. */
export function sizedDelivery(number: number, bytes: number): Delivery {
  const delivery = deliveryOf(number);
  const lineOf = (index: number) => {
    const { line_items: lines }: Order = JSON.parse(deliveryOf(1_000_000 + 7 * number + index).body);
    return lines[index % lines.length] ?? {};
  };
  const resized = resizeOrder(delivery.body, bytes, lineOf);
  const order: Order = JSON.parse(resized);
  const left = bytes - JSON.stringify({ ...order, note: '' }).length;
  return { ...delivery, body: left > 0 ? JSON.stringify({ ...order, note: noteOf(number, left) }) : resized };
}

/** A buyer's note of that many characters. */
function noteOf(number: number, length: number): string {
  const sentence = (index: number) =>
    `Please ring at number ${(number * 31 + index * 17) % 997} after ${(number + index) % 24} o'clock. `;
  let note = '';
  for (let index = 0; note.length < length; index++) note += sentence(index);
  return note.slice(0, length);
}
