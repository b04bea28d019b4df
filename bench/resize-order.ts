/** Of what a short order must have at least. */
const ESSENTIAL = ['id', 'admin_graphql_api_id', 'created_at', 'currency', 'name', 'total_price'];

type Line = Readonly<Record<string, unknown>>;

/**
 * Makes an order of Shopify's longer by more lines, or shorter by fewer fields.
 *
 * @param bytes that it is to have, near enough
 * @param lineOf makes another line; those of the order itself again unless given
 */
export function resizeOrder(body: string, bytes: number, lineOf?: (index: number) => Line): string {
  const order: { line_items: Line[] } & Record<string, unknown> = JSON.parse(body);
  if (bytes < body.length) {
    const kept = Object.fromEntries(ESSENTIAL.map((name) => [name, order[name] ?? null]));
    return JSON.stringify({ ...kept, customer: order.customer });
  }
  const line = JSON.stringify(order.line_items[0]).length;
  const lines = Math.floor((bytes - body.length) / line);
  const another = lineOf ?? ((index: number) => ({ ...order.line_items[0], id: index }));
  const more = Array.from({ length: lines }, (_, index) => another(index));
  return JSON.stringify({ ...order, line_items: [...order.line_items, ...more] });
}
