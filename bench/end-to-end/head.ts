/** What stands before the results. */
export const HEAD = `# End to end

Written by \`npm run bench end-to-end\`; how: \`bench/end-to-end/\`. From the first webhook to the last event. All are
processes of their own: the load, which made its distinct signed requests before; the sandbox, which stands in for
Botpress; and of each contestant what it needs. What the sender was told is compared with what the sandbox created:
*lost* was answered with 2xx and has no event, *refused* was not, so its sender may come again.

- **Sluice**: \`apps/ingest/dist\` and \`apps/worker/dist\`, one process of each, NODE_ENV=production, logs at level info in
  files, Redis with appendfsync always, bots without a limit. Its worker's concurrency is the default of 50, and 300
  where the API takes 200 ms.
- **direct handler**: Express, \`express.raw\`, HMAC, and \`await client.createEvent\` of @botpress/client as it comes
  before the answer: 200, and where that throws 500, or 200 all the same (*swallows errors*). Where the API takes 200
  ms, the load's 64 connections are at most 320 events a second.
- **Express + queue.add**: by the guides of Express and BullMQ, with a Redis like Sluice's.
- **pg-boss**: the same with pg-boss in Postgres as it comes, in batches of the concurrency.
- **n8n**: webhook node that answers at once, then an HTTP request node; Postgres as it comes; executions that went well
  are not kept, signatures are not verified, both in its favour. It is sent a tenth of the orders. Queue mode: one main
  process, one worker with the default concurrency of 10, Redis.

`;
