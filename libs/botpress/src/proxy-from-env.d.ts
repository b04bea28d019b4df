declare module 'proxy-from-env' {
  /** Returns the proxy URL that the environment sets for `url`, or an empty string. */
  export function getProxyForUrl(url: string): string;
}
