import { DEAD_REASONS, MAX_TERMS, payloadTerm, toTerm } from '@sluice/queue';
import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';
import { issuesOf } from '../api/parse-input.ts';
import { Problem } from '../problem.ts';
import { moment } from '../views/death.ts';
import { repeatable, wholeNumber } from '../views/filter-query.ts';

const foundSchema = z.object({
  id: z.string(),
  connection: z.string(),
  topic: z.string(),
  state: z.enum(['waiting', 'active', 'delayed', 'delivered', 'dead', 'discarded']),
  at: moment.describe('when it was delivered, died or was discarded, else when it was received'),
  eventId: z.string().optional(),
  reason: z.enum(DEAD_REASONS).optional(),
});

/** All of them have to be there; as many at most as in a filter. */
const terms = z.array(payloadTerm).min(1).max(MAX_TERMS);

export const findDeliveries = defineOperation({
  method: 'get',
  path: '/deliveries',
  role: 'viewer',
  summary: 'Finds stored deliveries, whatever their state, by values in their payload',
  query: z.strictObject({
    find: repeatable.describe('name=value, e.g. order_id=1042; may be given again'),
    limit: wholeNumber(1, 100).default(20),
  }),
  answer: z.object({ deliveries: z.array(foundSchema).describe('those received last first') }),
  handle: async ({ query: { find = [], limit } }, { deliveries }) => {
    const read = terms.safeParse(find.map(toTerm));
    if (!read.success)
      throw new Problem('invalid_request', '', { issues: issuesOf('query.find', read.error) });
    const found = await deliveries.find(read.data, { limit });
    return {
      deliveries: found.map(({ id, connection, topic, state, at, eventId, reason }) => ({
        ...{ id, connection, topic, state, at },
        ...(eventId === undefined ? {} : { eventId }),
        ...(reason === undefined ? {} : { reason }),
      })),
    };
  },
});
