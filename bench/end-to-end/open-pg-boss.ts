import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export const ORDERS = 'orders';

/** An order as it waits. */
export interface OrderJob {
  readonly webhookId: string;
  readonly body: string;
}

/** What is used of pg-boss, which is installed outside the tree. */
interface PgBoss {
  on(name: 'error', listen: (error: Error) => void): void;
  start(): Promise<unknown>;
  createQueue(name: string): Promise<void>;
  send(name: string, data: object): Promise<string | null>;
  work(
    name: string,
    options: Readonly<Record<string, unknown>>,
    handle: (jobs: readonly { readonly data: OrderJob }[]) => Promise<unknown>,
  ): Promise<string>;
}

/** @param folder of the package */
export async function openPgBoss(folder: string, databaseUrl: string): Promise<PgBoss> {
  const loaded: { PgBoss: new (url: string) => PgBoss } = await import(
    pathToFileURL(join(folder, 'dist/index.js')).href
  );
  const boss = new loaded.PgBoss(databaseUrl);
  boss.on('error', (error) => process.stderr.write(`${error.stack}\n`));
  await boss.start();
  await boss.createQueue(ORDERS);
  return boss;
}
