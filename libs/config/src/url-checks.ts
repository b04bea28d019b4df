/** Parses a URL; undefined if it is invalid. `URL.parse` is missing in early Node.js 20 releases. */
export function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** Returns the problem of the base URL of an HTTP API, without quoting it, or undefined. */
export function httpUrlProblem(text: string): string | undefined {
  const url = parseUrl(text);
  if (!url) return 'is not a URL';
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'is neither http:// nor https://';
  if (url.username || url.password) return 'contains a user or password';
  if (url.search || url.hash) return 'contains a query or fragment';
  return undefined;
}

/** Whether a host is the local machine. An IPv6 address may be in brackets, as in a URL. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|\[?::1\]?|127(?:\.\d{1,3}){3})$/.test(host);
}
