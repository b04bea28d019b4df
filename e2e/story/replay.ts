import { setTimeout as pause } from 'node:timers/promises';
import { createLedgerReader, openShards } from '@sluice/queue';
import {
  compareLedgers,
  openSenderLedger,
  type PlatformRequest,
  type RunningPipeline,
  type SenderLedger,
  sendLikeAPlatform,
} from '@sluice/testing';
import type { Narrator } from './narrator.ts';
import { BUG, oddOrder, order, type Shop } from './shop.ts';

const ORDERS = 3_000;
const NOTE = ['--note', 'coupon may be null, fixed in 1f3a9c2'];

export interface Story {
  readonly pipeline: RunningPipeline;
  readonly shop: Shop;
  readonly narrator: Narrator;
}

/** Runs the tutorial: a bug in a mapper fails a third of all orders, from the first symptom to the proof. */
export async function runReplayStory(story: Story): Promise<void> {
  const { narrator } = story;
  const ledger = await receiveOrders(story);
  const group = await diagnose(narrator);
  await replayTooEarly(narrator, group);
  await fixMapper(story, group);
  await replayGroup(narrator, group);
  await editOne(story, ledger);
  await verify(story, ledger);
}

async function receiveOrders({ narrator, pipeline }: Story): Promise<SenderLedger> {
  narrator.write(`## Symptom

A shop sends ${ORDERS.toLocaleString('en-US')} orders. The mapper of its source was changed the day before
and does not handle orders without a coupon. A third of the orders fail:`);
  const ledger = openSenderLedger();
  await send(pipeline, [...Array(ORDERS).keys()].map(order), ledger);
  await untilNothingIsPending(pipeline);
  await narrator.run(['ledger'], { prints: /3,000 accepted = 2,000 delivered .* 1,000 dead \+ 0 pending/ });
  return ledger;
}

async function diagnose(narrator: Narrator): Promise<string> {
  narrator.write(`## Diagnosis

The failures have one root cause:`);
  const groups = await narrator.run(['dead-letters', 'groups'], {
    prints: / 1,?000 +mapper_threw +pipeline /,
  });
  const [, group = ''] = /^([0-9a-f]{16})/m.exec(groups) ?? [];
  const [, example = ''] = /(dlv_\S+)/.exec(groups) ?? [];
  if (groups.split('\n').length !== 2) throw new Error('The dead letters are in more than one group.');
  narrator.write('One of the dead letters, with its body:');
  await narrator.run(['dead-letters', 'show', example, '--body'], {
    prints: /mapper_threw: mapper of orderPlaced: TypeError[\s\S]*restart the workers[\s\S]*"coupon":null/,
  });
  return group;
}

async function replayTooEarly(narrator: Narrator, group: string): Promise<void> {
  narrator.write(`## Replay before the fix

An operator replays the group too early. A replay starts with ten dead letters. All of them fail again, and
the replay pauses itself:`);
  await narrator.run(['replay', 'run', '--group', group, '--yes', '--note', 'try again'], {
    code: 1,
    prints: /paused \(10 of 10 .*\): 10 of 1,000 .*, 0 delivered, 10 /,
  });
}

async function fixMapper({ narrator, shop, pipeline }: Story, group: string): Promise<void> {
  narrator.write(`## Fix

The fix in the mapper is one character: \`${BUG.wrong}\` becomes \`${BUG.right}\`. A dry run applies the new
mapper to all dead letters of the group without sending anything:`);
  await shop.fix();
  await narrator.run(['dead-letters', 'dry-run', '--group', group], {
    prints: /1,000 would be sent: 1,000 orderPlaced\n0 would /,
  });
  narrator.write('Restart the workers to load the new mapper. The plan shows the effect of a replay:');
  await pipeline.restart('worker');
  await narrator.run(['replay', 'plan', '--group', group, '--dry-run'], { prints: /1,000 to / });
}

async function replayGroup(narrator: Narrator, group: string): Promise<void> {
  narrator.write(`## Replay

Live orders have priority over replayed ones. The workers execute the replay: Ctrl-C stops only the progress
output, and a crash of a worker does not stop the replay.`);
  await narrator.run(['replay', 'run', '--group', group, '--yes', ...NOTE], {
    prints: /done: 1,000 of 1,000 .*, 1,000 delivered$/,
  });
  await narrator.run(['dead-letters', 'list'], { prints: /^no dead letters\.?$/i });
}

/** Edits the one order whose body is wrong itself. */
async function editOne({ narrator, pipeline }: Story, ledger: SenderLedger): Promise<void> {
  narrator.write(`## Edit

One more order arrives, typed by hand. Its number is text, so it is quarantined:`);
  await send(pipeline, [oddOrder('9001')], ledger);
  await untilNothingIsPending(pipeline);
  const list = await narrator.run(['dead-letters', 'list'], { prints: /invalid_input/ });
  const [, id = ''] = /(dlv_\S+)/.exec(list) ?? [];
  const patch = '[{"op":"replace","path":"/order_id","value":9001}]';
  narrator.write('Edit and replay it. The original body and the author of the edit are kept:');
  await narrator.run(
    ['dead-letters', 'edit', id, '--patch', patch, '--note', 'number as text', '--then-replay'],
    {
      prints: /1 edited\n[\s\S]*1 of 1 .*, 1 delivered$/,
    },
  );
  await narrator.run(['deliveries', 'show', id], { prints: /edited .*number as text.*: replace \/order_id/ });
}

async function verify({ narrator, pipeline }: Story, ledger: SenderLedger): Promise<void> {
  narrator.write(`## Proof

Did order 9001 reach the bot?`);
  await narrator.run(['deliveries', 'find', 'order_id=9001'], { prints: /delivered/ });
  narrator.write('The ledger balances. With `--deep` it also counts every stored delivery:');
  await narrator.run(['ledger', '--deep'], {
    prints: /3,001 accepted = 3,001 delivered[\s\S]* 0 differences/,
  });
  const { accepted, created, lost, extra } = await compareLedgers(ledger, pipeline.sandbox);
  if (accepted !== ORDERS + 1 || created !== accepted || lost.length > 0 || extra !== 0) {
    throw new Error(`${accepted} accepted, ${created} created, ${lost.length} lost, ${extra} extra`);
  }
  const count = accepted.toLocaleString('en-US');
  narrator.write(`The ledgers of the sender and of the sandbox, which Sluice does not write, agree: ${count} orders, one event
each.`);
}

async function send(pipeline: RunningPipeline, orders: readonly PlatformRequest[], ledger: SenderLedger) {
  await sendLikeAPlatform(orders, { url: () => pipeline.webhookUrl('shop'), concurrency: 20, ledger });
}

async function untilNothingIsPending({ redis }: RunningPipeline): Promise<void> {
  const shards = openShards({ url: redis.url, name: 'story', prefix: '{sluice}', onError: () => {} });
  await shards.reached;
  const reader = createLedgerReader(shards);
  while ((await reader.readLedger()).total.pending > 0) await pause(50);
  await shards.close();
}
