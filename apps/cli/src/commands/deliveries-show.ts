import { readRedisSettings } from '@sluice/config';
import { type DeliveryRecord, openDeliveries } from '@sluice/queue';
import type { Command } from 'commander';
import { askRedis } from '../ask-redis.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { orAway } from '../or-away.ts';
import { renderRecord } from '../render-record.ts';
import type { Surroundings } from '../surroundings.ts';

interface Options {
  readonly body?: true;
  readonly json?: true;
}

/** Adds `deliveries show`: where a delivery is, how its attempts ended, and what to do if it is dead. */
export function deliveriesShowCommand(
  parent: Command,
  surroundings: Surroundings,
  end: (code: ExitCode) => void,
): void {
  parent
    .command('show')
    .description('shows where a delivery is, how its attempts ended, and what to do if it is dead')
    .argument('<id>', 'of the delivery, dlv_…')
    .option('--body', 'print also what the platform sent, which may name people')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nRedis is asked at REDIS_URL, below SLUICE_QUEUE_PREFIX.')
    .action(async (id: string, options: Options) =>
      end(await orAway(() => show(id, options, surroundings), surroundings)),
    );
}

async function show(id: string, { body, json }: Options, { out, err }: Surroundings): Promise<ExitCode> {
  const record = await askRedis(readRedisSettings(), openDeliveries, (deliveries) => deliveries.read(id));
  if (!record) {
    err(`error: there is no delivery ${id}  — of those delivered, only the newest are kept`);
    return EXIT.failed;
  }
  out(
    json
      ? JSON.stringify(body ? record : withoutBody(record), null, 2)
      : renderRecord(record, { body: body ?? false }),
  );
  return EXIT.ok;
}

function withoutBody(record: DeliveryRecord): object {
  if (!record.reading.ok) return record;
  const { body: _, ...delivery } = record.reading.delivery;
  return { ...record, reading: { ok: true, delivery } };
}
