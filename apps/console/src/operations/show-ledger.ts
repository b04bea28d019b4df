import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';

/** Whatever the ledger counts. */
const counts = z.record(z.string(), z.union([z.int(), z.string()]));

export const showLedger = defineOperation({
  method: 'get',
  path: '/ledger',
  role: 'viewer',
  summary: 'Proves that every accepted delivery is delivered, recorded, erased, dead or pending',
  answer: z.object({
    holds: z.boolean(),
    total: counts,
    stored: z.object({ pending: z.int(), dead: z.int() }),
    connections: z.array(counts),
    differences: z.array(
      z.object({
        connection: z.string().optional(),
        of: z.string(),
        counted: z.int(),
        stored: z.int().optional(),
      }),
    ),
  }),
  handle: async (_input, { ledger }) => {
    const { rows, total, stored, differences, holds } = await ledger.readLedger();
    return {
      ...{ holds, stored, differences: [...differences] },
      total: { ...total },
      connections: rows.map((row) => ({ ...row })),
    };
  },
});
