import { z } from 'zod';

const missingOr = (words: string) => ({
  error: ({ input }: { readonly input?: unknown }) => (input === undefined ? 'is missing' : words),
});

export const functionShape = z.custom<(...args: never[]) => unknown>(
  (value) => typeof value === 'function',
  missingOr('should be a function'),
);

/** A schema of Zod 4, also of another copy of it. */
export const schemaShape = z.custom<z.ZodType>(
  (value) => typeof value === 'object' && value !== null && '_zod' in value && 'safeParse' in value,
  missingOr('should be a schema of Zod 4, best made with the z that is handed in'),
);
