import { fileURLToPath } from 'node:url';

/** Where the build of the page is: beside this file's package, whether it runs from `src/page` or `dist/page`. */
export const PAGE_FOLDER: string = fileURLToPath(new URL('../../dist/web/', import.meta.url));
