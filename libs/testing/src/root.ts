import { fileURLToPath } from 'node:url';

/** Root folder of the project. Apps run in it; its `.sluice` contains downloads. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
