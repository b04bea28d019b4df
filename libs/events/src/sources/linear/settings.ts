import { z } from 'zod';

/** Linear's webhooks say themselves which workspace they come from. */
export const linearSettings = z.strictObject({});

export type LinearSettings = z.output<typeof linearSettings>;
