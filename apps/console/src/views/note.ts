import { z } from 'zod';

/** Why somebody changes something, for the audit line. */
export const note = z.string().trim().min(1).max(500).describe('why, for the audit line');

export const noteBody = z.strictObject({ note });
