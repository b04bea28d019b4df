/** What every server verifies with. */
export const SECRET = 'bench-secret';
/** Connections, each with a bot of its own. */
export const SHOPS = 10;

/** What stands in a file of connections: shops whose limits are so high that nothing is paced. */
export function connectionsOfShops(count = SHOPS): object {
  return { connections: Array.from({ length: count }, (_, index) => shop(index)) };
}

/** Its connection's id, too. */
export const shopName = (index: number): string => `shop-${index}`;

/** The connection of that index, with a bot of its own and no pace unless told. */
export function shop(index: number, bot = `bot-${index}`, eventsPerMinute = 1_000_000): object {
  const name = shopName(index);
  return {
    ...{ id: name, source: 'shopify', secrets: [SECRET], settings: { shopName: name } },
    botpress: { botId: bot, integrationId: 'bench', token: 'token' },
    limits: { eventsPerMinute },
  };
}
