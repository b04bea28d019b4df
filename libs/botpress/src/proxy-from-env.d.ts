declare module 'proxy-from-env' {
  /** The address of the proxy that the environment names for this one; empty if there is none. */
  export function getProxyForUrl(url: string): string;
}
