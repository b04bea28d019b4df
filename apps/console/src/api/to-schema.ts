import { z } from 'zod';
import { titleOf } from '../problem.ts';

/** Parameters and answers are described as what they are made into, bodies as what is sent. */
export function toSchema(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...described } = z.toJSONSchema(schema, { io });
  return described;
}

/** Describes the problems of these statuses, by status. */
export function describeProblems(statuses: readonly number[]): Record<string, object> {
  const described = statuses
    .toSorted((one, other) => one - other)
    .map((status) => [status, { $ref: '#/components/responses/Problem', description: titleOf(status) }]);
  return Object.fromEntries(described) as Record<string, object>;
}
