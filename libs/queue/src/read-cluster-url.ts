/** Where a cluster's nodes are, of which it tells the rest itself, and who asks. */
export interface ClusterUrl {
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly username?: string;
  readonly password?: string;
  readonly isEncrypted: boolean;
}

/**
 * Reads `redis+cluster://[user:password@]host:port[,host:port…]`, and the same with `rediss` for TLS.
 *
 * @returns undefined if it is the address of one Redis
 */
export function readClusterUrl(url: string): ClusterUrl | undefined {
  const [, scheme, rest] = /^(rediss?)\+cluster:\/\/(.*)$/s.exec(url) ?? [];
  if (!scheme || !rest) return undefined;
  const urls = rest.split(',').map((node) => new URL(`redis://${node}`));
  const { username = '', password = '' } = urls[0] ?? {};
  return {
    nodes: urls.map(({ hostname, port }) => ({ host: bare(hostname), port: Number(port || 6379) })),
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    isEncrypted: scheme === 'rediss',
  };
}

/** Without the brackets of an IPv6 address. */
function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}
