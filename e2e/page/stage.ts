import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSourceRegistry, type SampleRequest } from '@sluice/events';
import {
  type RunningApp,
  type RunningPipeline,
  type SenderLedger,
  sendLikeAPlatform,
  startPipeline,
} from '@sluice/testing';
import { secretOf, writeConnections } from '../faults/connections-file.ts';
import { startConsole } from '../start-console.ts';
import { type BrowserOptions, type Browsing, openBrowser } from './browser.ts';

export const TOKENS = {
  olga: 'operator-token-of-the-page-tests',
  vera: 'viewer-token-of-the-page-tests-1',
};

const samples = createSourceRegistry().get('shopify')?.samples;

/** A pipeline, its console with the page, and a browser. */
export interface PageStage {
  readonly pipeline: RunningPipeline;
  readonly console: RunningApp;
  readonly browsing: Browsing;
  /** Sends orders of a shop and retries each until it is accepted. */
  sendOrders(shop: string, count: number, change?: (order: object) => object): Promise<SenderLedger>;
  stop(): Promise<void>;
}

export interface PageStageOptions {
  /** Ids of shops; each has its own bot. */
  readonly shops?: readonly string[];
  /** Connections file to use instead of `shops`. */
  readonly connectionsPath?: string;
  readonly browser?: BrowserOptions;
}

export async function openPageStage({
  shops = ['acme'],
  connectionsPath,
  browser,
}: PageStageOptions = {}): Promise<PageStage> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-page-'));
  const { path } = await writeConnections(
    folder,
    shops.map((id) => ({ id, bot: `bot-of-${id}` })),
  );
  const env = {
    SLUICE_CONNECTIONS: connectionsPath ?? path,
    SLUICE_API_TIMEOUT_MS: '1000',
    SLUICE_SETTLE_MS: '2000',
  };
  const [pipeline, browsing] = await Promise.all([startPipeline({ env }), openBrowser(browser)]);
  const operators = await startConsole({
    ...pipeline.env,
    SLUICE_CONSOLE_TOKENS: `olga:operator:${TOKENS.olga},vera:viewer:${TOKENS.vera}`,
    SLUICE_INGEST_URL: pipeline.ingest.url,
  });
  let number = 0;
  return {
    pipeline,
    console: operators,
    browsing,
    sendOrders: (shop, count, change = (order) => order) =>
      sendLikeAPlatform(
        Array.from({ length: count }, () => orderOf(shop, ++number, change)),
        { url: () => pipeline.webhookUrl(shop), concurrency: 20 },
      ),
    async stop() {
      await browsing.close();
      await operators.stop();
      await pipeline.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function orderOf(shop: string, number: number, change: (order: object) => object): SampleRequest {
  const order = samples?.compose('orders/create', {
    number,
    now: Date.now(),
    settings: { shopName: shop },
  });
  if (!samples || !order) throw new Error('shopify has no samples');
  const body = JSON.stringify(change(JSON.parse(order.body)));
  return samples.sign({ ...order, body }, secretOf(shop));
}
