import { maskPersonalData } from '@sluice/events';
import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';
import { moment } from '../schemas/common.ts';
import { wholeNumber } from '../schemas/filter.ts';

/** Counters of the ledger by name. */
const counters = z.record(z.string(), z.union([z.int(), z.string()]));

const ledgerSchema = z
  .object({
    holds: z.boolean().describe('whether the ledger balances and agrees with the stored deliveries'),
    total: counters,
    stored: z.object({ pending: z.int(), dead: z.int() }),
    connections: z.array(counters),
    differences: z.array(
      z.object({
        connection: z.string().optional(),
        of: z.string(),
        counted: z.int(),
        stored: z.int().optional(),
      }),
    ),
  })
  .meta({ id: 'Ledger' });

export const getLedger = defineOperation({
  id: 'getLedger',
  method: 'get',
  path: '/ledger',
  role: 'viewer',
  summary: 'Get the ledger: accepted = delivered + recorded + erased + dead + pending',
  description:
    '`delivered` = `processed` + `awaiting` + `unknown`, by the final status of the events in the bot. `botFailed` and `botIgnored` count events that the bot failed or ignored: their deliveries are dead, or expired if their body is no longer stored. `resent` counts second events of such deliveries.',
  response: ledgerSchema,
  handle: async (_input, { ledger }) => {
    const { rows, total, stored, differences, holds } = await ledger.readLedger();
    return {
      ...{ holds, stored, differences: [...differences] },
      total: { ...total },
      connections: rows.map((row) => ({ ...row })),
    };
  },
});

const auditEntry = z
  .object({
    id: z.string(),
    at: moment,
    action: z.string(),
    by: z.string().describe('`operator`, or the part of Sluice'),
    who: z.string().optional().describe('name of the operator'),
    reason: z.string().optional().describe('note of the operator'),
    about: z.record(z.string(), z.unknown()).describe('further fields, personal data masked'),
  })
  .meta({ id: 'AuditEntry' });

export const auditPage = z
  .object({
    lines: z.array(auditEntry),
    next: z.string().optional().describe('cursor of the next page; absent on the last page'),
  })
  .meta({ id: 'AuditPage' });

export const listAudit = defineOperation({
  id: 'listAuditEntries',
  method: 'get',
  path: '/audit',
  role: 'viewer',
  summary: 'List the audit log, newest first',
  query: z.strictObject({
    limit: wholeNumber(1, 500).default(50),
    cursor: z
      .string()
      .regex(/^\d{1,20}-\d{1,20}$/, 'Invalid cursor. Use the `next` value of the previous page.')
      .optional()
      .describe('`next` of the previous page'),
  }),
  response: auditPage,
  handle: async ({ query }, { audit }) => {
    const { lines, next } = await audit.read(query);
    return {
      lines: lines.map((line) => ({ ...line, about: Object(maskPersonalData(line.about)) })),
      ...(next === undefined ? {} : { next }),
    };
  },
});
