import { join } from 'node:path';
import express, { type RequestHandler, type Response, Router } from 'express';
import { Problem } from '../problem.ts';
import { notesOf } from '../request-notes.ts';

/** Paths that are not the page's, nor is anything below them. */
const OTHERS = /^\/(?:api|metrics|healthz|readyz|startedz|queues)(?:\/|$)/;

/** Nothing but the console's own files and its API; what the page shows may be framed and sent nowhere. */
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

/** Their names change with what is in them. */
const FOR_A_YEAR = 'public, max-age=31536000, immutable';

/**
 * Serves the console's page: its files, and its index for every path that it may have a view for. It holds no data, so
 * nobody needs to be signed in, and links of other sites may lead to it.
 *
 * @param folder of its build, with `index.html` and `assets`
 */
export function servePage(folder: string): Router {
  const router = Router();
  const assets = express.static(join(folder, 'assets'), {
    index: false,
    redirect: false,
    setHeaders: (response) => void response.set('Cache-Control', FOR_A_YEAR),
  });
  router.use('/assets', noted('/assets'), assets, () => {
    throw new Problem('not_found', 'the page has no such file; load it again, it may have been renewed');
  });
  // Not by `get`, with which the router would answer OPTIONS of every path as well.
  router.use((request, response, next) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead || OTHERS.test(request.path)) return next();
    notesOf(request).route = 'page';
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
  new Problem('not_found', 'the page has not been built: npm run build -w apps/console; the API is there');

function noted(route: string): RequestHandler {
  return (request, _response, next) => {
    notesOf(request).route = route;
    next();
  };
}
