import { serveSigned } from '../serve-signed.ts';
import { ORDERS, openPgBoss } from './open-pg-boss.ts';

/** Express and `boss.send` before the answer. */
const boss = await openPgBoss(process.argv[2] ?? '', process.argv[3] ?? '');

serveSigned(async (request, body) => {
  await boss.send(ORDERS, { webhookId: request.get('x-shopify-webhook-id'), body });
  return 200;
});
