import { fileURLToPath } from 'node:url';

/** Of the project: apps run in it, and `.sluice` in it keeps what was fetched. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
