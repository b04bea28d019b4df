import { createHmac } from 'node:crypto';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PlatformRequest } from '@sluice/testing';
import { stringify } from 'yaml';

const MODULE = fileURLToPath(new URL('shop.mjs', import.meta.url));
const SECRET = 'story-secret-of-the-shop';

/** The wrong line of the mapper and its fix. */
export const BUG = { wrong: 'order.coupon.toUpperCase()', right: 'order.coupon?.toUpperCase()' } as const;

/** The configuration of the shop, in a folder. */
export interface Shop {
  readonly connectionsPath: string;
  /** Fixes the mapper. Workers started from now on load the fix. */
  fix(): Promise<void>;
}

/** Writes the connections file of the shop and its source module. */
export async function openShop(folder: string): Promise<Shop> {
  const connectionsPath = join(folder, 'connections.yaml');
  const module = join(folder, 'shop.mjs');
  await copyFile(MODULE, module);
  await writeFile(
    connectionsPath,
    stringify({
      modules: ['./shop.mjs'],
      connections: [
        {
          id: 'shop',
          source: 'shop',
          secrets: [SECRET],
          settings: {},
          botpress: { botId: 'bot-1', integrationId: 'story', token: 'story-token' },
          // No pacing.
          limits: { eventsPerMinute: 1_000_000 },
        },
      ],
    }),
  );
  return {
    connectionsPath,
    async fix() {
      const source = await readFile(module, 'utf8');
      if (!source.includes(BUG.wrong)) throw new Error('the mapper has no bug');
      await writeFile(module, source.replace(BUG.wrong, BUG.right));
    },
  };
}

/** Returns an order. One in three has no coupon. */
export function order(id: number): PlatformRequest {
  const email = `customer-${id}@example.com`;
  const coupon = id % 3 === 0 ? null : 'summer';
  return signed({ order_id: id, email, coupon, placed_at: '2026-11-25T03:00:00Z' });
}

/** Returns an order that fails the schema: its number is text. */
export function oddOrder(id: string): PlatformRequest {
  return signed({ order_id: id, email: 'odd@example.com', coupon: null, placed_at: '2026-11-25T03:00:00Z' });
}

function signed(body: object): PlatformRequest {
  const text = JSON.stringify(body);
  const signature = createHmac('sha256', SECRET).update(text).digest('hex');
  return { headers: { 'content-type': 'application/json', 'x-shop': signature }, body: text };
}
