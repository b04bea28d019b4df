import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type Response, Router } from 'express';
import { Problem } from '../http/problem.ts';
import { detailsOf, setRoute } from '../http/request-details.ts';

/** Folder of the built page. The path is the same from `src/page` and `dist/page`. */
export const PAGE_FOLDER: string = fileURLToPath(new URL('../../dist/web/', import.meta.url));

/** Paths outside the page. */
const OTHER_PATHS = /^\/(?:api|metrics|healthz|readyz|startedz|queues)(?:\/|$)/;

/** Allows the console's own files and API only. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** File names of assets contain a hash of their content. */
const ONE_YEAR = 'public, max-age=31536000, immutable';

/**
 * Serves the files of the page, and its index for every path of a view. The page contains no data, so it needs no
 * authentication, and other sites may link to it.
 *
 * @param folder of the built page, with `index.html` and `assets`
 */
export function servePage(folder: string): Router {
  const router = Router();
  const assets = express.static(join(folder, 'assets'), {
    index: false,
    redirect: false,
    setHeaders: (response) => void response.set('Cache-Control', ONE_YEAR),
  });
  router.use('/assets', setRoute('/assets'), assets, () => {
    throw new Problem('not_found', 'No such file. Reload the page: a new version may be installed.');
  });
  // With `get`, the router would answer OPTIONS of every path as well.
  router.use((request, response, next) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead || OTHER_PATHS.test(request.path)) return next();
    detailsOf(request).route = 'page';
    sendIndex(folder, response).catch(next);
  });
  return router;
}

function sendIndex(folder: string, response: Response): Promise<void> {
  const headers = { 'Content-Security-Policy': CONTENT_SECURITY_POLICY };
  const options = { root: folder, headers, cacheControl: false, etag: false, lastModified: false };
  return new Promise((resolve, reject) => {
    response.sendFile('index.html', options, (error) => {
      if (!error || response.headersSent) return resolve();
      reject(isMissing(error) ? notBuilt() : error);
    });
  });
}

const isMissing = (error: object): boolean => 'status' in error && error.status === 404;

const notBuilt = () =>
  new Problem('not_found', 'The page is not built. Run npm run build -w apps/console. The API is available.');
