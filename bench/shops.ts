/** What every server verifies with. */
export const SECRET = 'bench-secret';
/** Connections, each with a separate bot. */
export const SHOPS = 10;

/** Content of a connections file: shops whose limits are so high that nothing is paced. */
export function connectionsOfShops(count = SHOPS): object {
  return { connections: Array.from({ length: count }, (_, index) => shop(index)) };
}

/** Its connection's id, too. */
export const shopName = (index: number): string => `shop-${index}`;

/** The connection of that index, with a separate bot and no pacing by default. */
export function shop(index: number, bot = `bot-${index}`, eventsPerMinute = 1_000_000): object {
  const name = shopName(index);
  return {
    ...{ id: name, source: 'shopify', secrets: [SECRET], settings: { shopName: name } },
    botpress: { botId: bot, integrationId: 'bench', token: 'token' },
    limits: { eventsPerMinute },
  };
}
