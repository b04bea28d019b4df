import { maskPersonalData } from '@sluice/events';
import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';
import { moment } from '../views/death.ts';
import { wholeNumber } from '../views/filter-query.ts';

const lineSchema = z.object({
  id: z.string(),
  at: moment,
  action: z.string(),
  by: z.string().describe('an operator, or Sluice itself'),
  who: z.string().optional(),
  reason: z.string().optional(),
  about: z.record(z.string(), z.unknown()).describe('what else the line tells; personal data are masked'),
});

/** A page of the log. */
export const auditPage = z.object({ lines: z.array(lineSchema), next: z.string().optional() });

export const listAudit = defineOperation({
  method: 'get',
  path: '/audit',
  role: 'viewer',
  summary: 'Lists what operators did, and holds, the newest first',
  query: z.strictObject({
    limit: wholeNumber(1, 500).default(50),
    cursor: z
      .string()
      .regex(/^\d{1,20}-\d{1,20}$/, 'is no cursor: take the one that the page before has told')
      .optional(),
  }),
  answer: auditPage,
  handle: async ({ query }, { audit }) => {
    const { lines, next } = await audit.read(query);
    return {
      lines: lines.map((line) => ({ ...line, about: Object(maskPersonalData(line.about)) })),
      ...(next === undefined ? {} : { next }),
    };
  },
});
