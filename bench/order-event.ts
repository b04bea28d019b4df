/** Whom bare handlers and workers create their events as. */
export const CALLER = { botId: 'bot-1', integrationId: 'bench', token: 'token' };

/** The event of an order, as the documented example makes it, with an id for the sandbox's ledger. */
export function orderEvent(id: string, body: string): { type: string; payload: Record<string, unknown> } {
  const order = JSON.parse(body);
  return {
    type: 'newOrderCreated',
    payload: {
      ...{ deliveryId: id, order_id: order.id, shopName: 'bench' },
      ...{ confirmation_number: order.confirmation_number, created_at: order.created_at, fullBody: order },
    },
  };
}
