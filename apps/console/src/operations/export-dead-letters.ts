import { exportedDeadLetter } from '@sluice/queue';
import { z } from 'zod';
import { defineLines } from '../api/operation.ts';
import { mayAct } from '../principal.ts';
import { Problem } from '../problem.ts';
import { filterQuery, toFilter } from '../views/filter-query.ts';

export const exportDeadLetters = defineLines({
  method: 'get',
  path: '/dead-letters/export',
  role: 'viewer',
  summary: 'Writes dead letters as NDJSON, the oldest first; exact bodies are for operators, and audited',
  query: filterQuery.extend({
    bodies: z.enum(['none', 'masked', 'exact']).default('none').describe('exact ones can be imported'),
    note: z.string().max(500).default('').describe('why, for the audit line'),
  }),
  answer: exportedDeadLetter,
  handle: ({ query: { bodies, note, ...filter }, who }, { deadLetters }) => {
    if (bodies === 'exact' && !mayAct(who, 'operator')) {
      throw new Problem('forbidden', `exact bodies need the role operator; ${who.name} is ${who.role}`);
    }
    return deadLetters.export(toFilter(filter), { by: { who: who.name, reason: note }, bodies });
  },
});
