/** Parses an address; undefined when it is none. URL.parse is not in every Node 20. */
export function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
