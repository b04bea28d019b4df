import { parseUrl } from './parse-url.ts';

/** What is wrong with an address of an HTTP API, without quoting it; undefined when it is right. */
export function httpUrlProblem(text: string): string | undefined {
  const url = parseUrl(text);
  if (!url) return 'is not an address';
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'is neither http:// nor https://';
  if (url.username || url.password) return 'has a user or password in it';
  if (url.search || url.hash) return 'has a query or fragment';
  return undefined;
}
