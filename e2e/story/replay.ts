import { setTimeout as pause } from 'node:timers/promises';
import { openLedgerReader } from '@sluice/queue';
import {
  compareLedgers,
  openSenderLedger,
  type PlatformRequest,
  type RunningPipeline,
  type SenderLedger,
  sendLikeAPlatform,
} from '@sluice/testing';
import { BUG, oddOrder, order, type Shop } from './shop.ts';
import type { Teller } from './teller.ts';

const ORDERS = 3_000;
const NOTE = ['--note', 'coupon may be null, mended in 1f3a9c2'];

export interface Story {
  readonly pipeline: RunningPipeline;
  readonly shop: Shop;
  readonly teller: Teller;
}

/** A mapper's bug kills a third of all orders: what an operator does, from the first look to the proof. */
export async function tellReplay(story: Story): Promise<void> {
  const { teller } = story;
  const ledger = await receive(story);
  const group = await look(teller);
  await hurry(teller, group);
  await mend(story, group);
  await putBack(teller, group);
  await one(story, ledger);
  await prove(story, ledger);
}

async function receive({ teller, pipeline }: Story): Promise<SenderLedger> {
  teller.tell(
    `A shop sends ${ORDERS.toLocaleString('en-US')} orders. The mapper of its source was changed the day before, and forgets that an order may have no coupon.`,
  );
  const ledger = openSenderLedger();
  await send(pipeline, [...Array(ORDERS).keys()].map(order), ledger);
  await settled(pipeline);
  await teller.run(['ledger'], { prints: /3,000 accepted = 2,000 delivered .* 1,000 dead \+ 0 pending/ });
  return ledger;
}

async function look(teller: Teller): Promise<string> {
  teller.tell('What is it? One incident, and whose fault it is:');
  const groups = await teller.run(['dead-letters', 'groups'], { prints: / 1000 +mapper_threw +pipeline / });
  const [, group = ''] = /^([0-9a-f]{16})/m.exec(groups) ?? [];
  const [, example = ''] = /(dlv_\S+)/.exec(groups) ?? [];
  if (groups.split('\n').length !== 2) throw new Error('it is more than one incident');
  teller.tell('One of them, with all that is known of it; a body is shown only to whoever asks for it:');
  await teller.run(['dead-letters', 'show', example, '--body'], {
    prints: /died of +mapper_threw.*[\s\S]*what to do .*[\s\S]*"coupon":null/,
  });
  return group;
}

async function hurry(teller: Teller, group: string): Promise<void> {
  teller.tell(
    'Someone in a hurry replays before anything is mended. Ten are on their way at first, all die again, and the replay stops by itself:',
  );
  await teller.run(['replay', 'run', '--group', group, '--yes', '--note', 'try again'], {
    code: 1,
    prints: /paused \(10 of 10 died again\): 10 of 1,000 put back, 0 delivered, 10 dead again/,
  });
}

async function mend({ teller, shop, pipeline }: Story, group: string): Promise<void> {
  teller.tell(`The mapper is mended, from \`${BUG.wrong}\` to \`${BUG.right}\`. Before anything is sent, the new
mapper is tried over all that is dead of it:`);
  await shop.mend();
  await teller.run(['dead-letters', 'try', '--group', group], {
    prints: /1,000 would be sent: 1,000 orderPlaced\n0 would die again/,
  });
  teller.tell('The workers are started anew with it. What would a replay do?');
  await pipeline.restart('worker');
  await teller.run(['replay', 'plan', '--group', group, '--try'], { prints: /1,000 to put back/ });
}

async function putBack(teller: Teller, group: string): Promise<void> {
  teller.tell('So be it. Live orders go first all the time; whoever watches may leave, and workers may die:');
  await teller.run(['replay', 'run', '--group', group, '--yes', ...NOTE], {
    prints: /done: 1,000 of 1,000 put back, 1,000 delivered$/,
  });
  await teller.run(['dead-letters', 'list'], { prints: /^no dead letters$/ });
}

/** One order is wrong by itself: it is edited. */
async function one({ teller, pipeline }: Story, ledger: SenderLedger): Promise<void> {
  teller.tell('One more order comes in, typed by hand. Its number is a text, so that it is quarantined:');
  await send(pipeline, [oddOrder('9001')], ledger);
  await settled(pipeline);
  const list = await teller.run(['dead-letters', 'list'], { prints: /invalid_input/ });
  const [, id = ''] = /(dlv_\S+)/.exec(list) ?? [];
  const patch = '[{"op":"replace","path":"/order_id","value":9001}]';
  teller.tell('It is edited and replayed. What it was, and who edited it, stays with it:');
  await teller.run(['dead-letters', 'edit', id, '--patch', patch, '--note', 'number as text', '--replay'], {
    prints: /1 edited\n[\s\S]*1 of 1 put back, 1 delivered$/,
  });
  await teller.run(['deliveries', 'show', id], { prints: /edited .*number as text.*: replace \/order_id/ });
}

async function prove({ teller, pipeline }: Story, ledger: SenderLedger): Promise<void> {
  teller.tell('“Did order 9001 reach the bot?”');
  await teller.run(['deliveries', 'find', 'order_id=9001'], { prints: /delivered/ });
  teller.tell('And the proof, counted one by one as well:');
  await teller.run(['ledger', '--deep'], {
    prints: /the ledger balances: 3,001 accepted = 3,001 delivered[\s\S]* 0 differences/,
  });
  const { accepted, created, lost, extra } = await compareLedgers(ledger, pipeline.sandbox);
  if (accepted !== ORDERS + 1 || created !== accepted || lost.length > 0 || extra !== 0) {
    throw new Error(`${accepted} accepted, ${created} created, ${lost.length} lost, ${extra} extra`);
  }
  teller.tell(
    `The shop's own ledger and that of the stand-in for Botpress, neither written by Sluice, say the same: ${accepted.toLocaleString('en-US')} orders, each one event.`,
  );
}

async function send(pipeline: RunningPipeline, orders: readonly PlatformRequest[], ledger: SenderLedger) {
  await sendLikeAPlatform(orders, { url: () => pipeline.webhookUrl('shop'), concurrency: 20, ledger });
}

/** Waits until nothing is on its way any more. */
async function settled({ redis }: RunningPipeline): Promise<void> {
  const reader = openLedgerReader({ url: redis.url, name: 'story', prefix: '{sluice}', onError: () => {} });
  await reader.reached;
  while ((await reader.readLedger()).total.pending > 0) await pause(50);
  await reader.close();
}
