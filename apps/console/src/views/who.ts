import { z } from 'zod';

export const whoSchema = z.object({ name: z.string(), role: z.enum(['viewer', 'operator']) });
