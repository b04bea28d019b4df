import { defineOperation } from '../api/operation.ts';
import { readOverview } from '../overview/read-overview.ts';
import { overviewSchema } from '../views/overview.ts';

export const showOverview = defineOperation({
  method: 'get',
  path: '/overview',
  role: 'viewer',
  summary: 'Tells how all of it stands: what needs attention, what comes and goes, what waits',
  answer: overviewSchema,
  handle: async (_input, context) => readOverview(context),
});
