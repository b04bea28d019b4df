import { readRedisSettings } from '@sluice/config';
import { type PrepareResult, prepareEvent } from '@sluice/events';
import { type DeliveryRecord, openDeliveries } from '@sluice/queue';
import type { Command } from 'commander';
import { ASKED, askRedis } from '../ask-redis.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { CONNECTIONS_OPTION, loadConnectionsOf } from '../load-connections-of.ts';
import { orAway } from '../or-away.ts';
import { oneLine } from '../printed.ts';
import { renderRecord } from '../render-record.ts';
import type { Surroundings } from '../surroundings.ts';

interface Options {
  readonly body?: true;
  readonly mapped?: true;
  readonly connections?: string;
  readonly json?: true;
}

/** Adds `show`: where a delivery is, how its attempts ended, and what to do if it is dead. */
export function showCommand(
  parent: Command,
  surroundings: Surroundings,
  end: (code: ExitCode) => void,
): void {
  parent
    .command('show')
    .description('shows where a delivery is, how its attempts ended, and what to do if it is dead')
    .argument('<id>', 'of the delivery, dlv_…')
    .option('--body', 'print also what the platform sent, which may name people')
    .option('--mapped', 'print also what today’s mappers make of it, which may name people, too')
    .option(...CONNECTIONS_OPTION)
    .option('--json', 'print JSON')
    .addHelpText('after', ASKED)
    .action(async (id: string, options: Options) =>
      end(await orAway(() => show(id, options, surroundings), surroundings)),
    );
}

async function show(id: string, options: Options, { out, err }: Surroundings): Promise<ExitCode> {
  const record = await askRedis(readRedisSettings(), openDeliveries, (deliveries) => deliveries.read(id));
  if (!record) {
    err(`error: there is no delivery ${id}  — of those delivered, only the newest are kept`);
    return EXIT.failed;
  }
  const body = options.body ?? false;
  const mapped = options.mapped ? await map(record, options.connections) : undefined;
  if (options.json) {
    const told = body ? record : withoutBodies(record);
    out(JSON.stringify(mapped ? { ...told, mapped } : told, null, 2));
  } else out(renderRecord(record, { body, ...(mapped ? { mapped: describeMapped(mapped) } : {}) }));
  return EXIT.ok;
}

async function map({ reading }: DeliveryRecord, path: string | undefined): Promise<PrepareResult> {
  const { connections } = await loadConnectionsOf(path);
  if (!reading.ok) return { kind: 'dead', reason: 'invalid_input', message: reading.why };
  return prepareEvent(connections.get(reading.delivery.connection), reading.delivery);
}

function describeMapped(mapped: PrepareResult): string {
  switch (mapped.kind) {
    case 'ready':
      return `today’s mapper makes of it:\n${JSON.stringify(mapped.event, null, 2)}`;
    case 'compliance':
      return 'it is a demand of the platform, and becomes no event';
    case 'dead':
      return [
        `today’s mapper lets it die of ${mapped.reason}: ${oneLine(mapped.message)}`,
        ...(mapped.issues ?? []).map(({ path, message }) => `  ${path}: ${oneLine(message)}`),
      ].join('\n');
  }
}

/** Patches hold values as well. */
function withoutBodies({ reading, original: _, edits, ...rest }: DeliveryRecord): object {
  return {
    ...rest,
    edits: edits.map(({ who, reason, at }) => ({ who, reason, at })),
    reading: reading.ok ? { ok: true, delivery: { ...reading.delivery, body: undefined } } : reading,
  };
}
