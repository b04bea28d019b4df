import { deliveryId } from '@sluice/queue';
import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';
import { mayAct } from '../principal.ts';
import { Problem } from '../problem.ts';
import { deliverySchema, noDelivery, viewDelivery } from '../views/delivery.ts';

export const showDelivery = defineOperation({
  method: 'get',
  path: '/deliveries/:id',
  role: 'viewer',
  summary: 'Tells all that is known of a delivery; reveal=true shows its body as it is, to operators',
  params: z.strictObject({ id: deliveryId }),
  query: z.strictObject({
    reveal: z.stringbool({ truthy: ['true'], falsy: ['false'], case: 'sensitive' }).default(false),
    note: z.string().max(500).default('').describe('why it is revealed, for the audit line'),
  }),
  answer: deliverySchema,
  problems: [404],
  handle: async ({ params: { id }, query: { reveal, note }, who }, { deliveries, audit }) => {
    if (reveal && !mayAct(who, 'operator')) {
      throw new Problem('forbidden', `reveal needs the role operator; ${who.name} is ${who.role}`);
    }
    const record = await deliveries.read(id);
    if (!record) throw noDelivery(id);
    // The line stands before anything is shown.
    if (reveal)
      await audit.append({ action: 'reveal', who: who.name, reason: note, about: { delivery: id } });
    return viewDelivery(record, reveal);
  },
});
