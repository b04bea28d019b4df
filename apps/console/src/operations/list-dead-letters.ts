import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';
import { deadLetterSchema, viewDeadLetter } from '../views/dead-letter.ts';
import { filterQuery, toFilter, wholeNumber } from '../views/filter-query.ts';

/** A page of them. */
export const deadLetterPage = z.object({
  letters: z.array(deadLetterSchema),
  next: z.string().optional().describe('where the next page begins; not after the last'),
});

export const listDeadLetters = defineOperation({
  method: 'get',
  path: '/dead-letters',
  role: 'viewer',
  summary: 'Lists dead letters with their reasons',
  query: filterQuery.extend({
    among: z.enum(['dead', 'discarded']).default('dead').describe('discarded ones can be restored for a day'),
    order: z.enum(['newest', 'oldest']).default('newest'),
    limit: wholeNumber(1, 500).default(50),
    cursor: z.string().max(200).optional().describe('next of the page before'),
  }),
  answer: deadLetterPage,
  handle: async ({ query: { among, order, limit, cursor, ...filter } }, { deadLetters }) => {
    const { letters, next } = await deadLetters.find(toFilter(filter), { among, order, limit, cursor });
    return { letters: letters.map(viewDeadLetter), ...(next === undefined ? {} : { next }) };
  },
});
