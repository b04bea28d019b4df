import { readRedisSettings } from '@sluice/config';
import { type FoundDelivery, openDeliveries, type PayloadTerm } from '@sluice/queue';
import type { Command } from 'commander';
import { ASKED, askRedis } from '../ask-redis.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { parseTerms } from '../filter-values.ts';
import { parseCount } from '../option-values.ts';
import { orAway } from '../or-away.ts';
import { renderTable } from '../render-table.ts';
import type { Surroundings } from '../surroundings.ts';

interface Options {
  readonly limit: number;
  readonly json?: true;
}

/** Adds `deliveries find`: did order 1042 reach the bot? */
export function deliveriesFindCommand(
  parent: Command,
  surroundings: Surroundings,
  end: (code: ExitCode) => void,
): void {
  parent
    .command('find')
    .description('finds deliveries by values in their payload, whatever their state, the newest first')
    .argument(
      '<name=value...>',
      'all of them: order_id=1042, shop=…, email=…, chat=…, customer.id=…',
      parseTerms,
    )
    .option('--limit <count>', 'at most', parseCount, 20)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nA name is one that the source knows, a path in the body, or any property of that name.' +
        '\nAll that is stored is looked at: 100,000 dead in 1 s, as many that wait in 25. Ends with 1 if there is none.' +
        ASKED,
    )
    .action(async (terms: readonly PayloadTerm[], options: Options) =>
      end(await orAway(() => find(terms, options, surroundings), surroundings)),
    );
}

async function find(
  terms: readonly PayloadTerm[],
  { limit, json }: Options,
  { out, err }: Surroundings,
): Promise<ExitCode> {
  const found = await askRedis(readRedisSettings(), openDeliveries, (deliveries) =>
    deliveries.find(terms, { limit }),
  );
  if (json) out(JSON.stringify({ deliveries: found }, null, 2));
  else if (found.length > 0) out(renderTable(found.map(describe)));
  if (found.length > 0) return EXIT.ok;
  const wanted = terms.map(({ name, value }) => `${name}=${value}`).join(' ');
  err(
    `no delivery has ${wanted}  — of those delivered only the newest are kept, as many as SLUICE_KEEP_DELIVERED says`,
  );
  return EXIT.failed;
}

function describe({ id, connection, topic, state, at, eventId, reason }: FoundDelivery): object {
  return {
    id,
    connection,
    topic,
    state,
    since: new Date(at).toISOString(),
    event: eventId ?? null,
    reason: reason ?? null,
  };
}
