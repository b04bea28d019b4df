/** Text before the results. */
export const HEAD = `# End to end

Written by \`npm run bench end-to-end\`; how: \`bench/end-to-end/\`. From the first webhook to the last event. All are
separate processes: the load, which made its distinct signed requests before; the sandbox, in place of
Botpress; and of each contestant what it needs. What the sender was answered is compared with what the sandbox created:
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

Aimed at on Node 24: 1.8 × the direct handler's events/s where the API takes 0 ms, 3 × where it takes 200 ms, 30 × those
of n8n in queue mode; nothing lost; 0.25 ms of Redis' CPU an event. Nothing was lost or doubled. The rates of the direct
handler and Redis' CPU were not reached:

- Sluice takes about 2.0 ms of CPU an event, all processes together, and the direct handler 1.4, a ms of them in its one
  thread. Two free cores would allow some 990 and 950 events/s: what is stored on disk, taken, checked and counted
  costs more than what is passed on. At 0 ms 1.8 × needs about 1.1 ms an event. At 200 ms the direct handler ends at 320
  events/s, however many cores there are; Sluice, whose bound is the CPU, had 2.2 × that on what two cores left.
- Redis takes about 0.45 ms an event here, and took 0.26 on a day on which the same machine did a bare \`node:http\` request
  in 42 µs and not 78 (\`answering.md\`): 0.1 for the enqueue and 0.16 for the delivery (\`delivering.md\` lists each command).
- The sections of failures and of 200 webhooks a second are of a day with others at work (see the load averages): read
  their CPU and what was lost, not their times.
- Where 10 % of the API's answers are 500, Sluice's last events wait for their retries (1 s, 5 s, 30 s …), which is in
  its events/s; the handler that swallows errors loses what fails.
- n8n in regular mode did not take three of four webhooks where 64 come at once, and lost none of those that it took; in
  queue mode it took all. An event takes 140 ms of CPU in its one process.
- pg-boss loses nothing either. An event takes 4.1 ms of CPU with it, 1.8 of them Postgres', and 2.8 with Sluice in the
  same run.

`;
