import type { Variant } from './variant.ts';

/** What the others are held against where no limit is near. */
export const noGate: Variant = { title: 'no gate at all' };
