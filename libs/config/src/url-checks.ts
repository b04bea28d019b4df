import { BlockList, isIP, isIPv4 } from 'node:net';

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

/** Networks of IPv4 that are not on the internet: local, private, shared, link-local, multicast, reserved. */
const PRIVATE_IPV4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.168.0.0/16', '198.18.0.0/15', '224.0.0.0/3'],
];

/** The only network of IPv6 that is assigned to the internet. */
const PUBLIC_IPV6 = '2000::/3';

const privateIpv4 = new BlockList();
for (const network of PRIVATE_IPV4) addSubnet(privateIpv4, network, 'ipv4');
const publicIpv6 = new BlockList();
addSubnet(publicIpv6, PUBLIC_IPV6, 'ipv6');

function addSubnet(list: BlockList, network: string, family: 'ipv4' | 'ipv6'): void {
  const [address = '', prefix] = network.split('/');
  list.addSubnet(address, Number(prefix), family);
}

/** Returns whether an IP address is local, private or reserved, and so not on the internet. */
export function isPrivateAddress(address: string): boolean {
  const ipv4 = address.replace(/^::ffff:/i, '');
  return isIPv4(ipv4) ? privateIpv4.check(ipv4) : !publicIpv6.check(address, 'ipv6');
}

/**
 * Returns the problem of the URL of a forward, without quoting it, or undefined. A name may resolve to a private address:
 * the connection checks that again.
 */
export function forwardUrlProblem(text: string, allowPrivate: boolean): string | undefined {
  const url = parseUrl(text);
  if (!url) return 'is not a URL';
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'is not an https:// URL';
  if (url.username || url.password) return 'contains a user or password';
  if (url.hash) return 'contains a fragment';
  if (allowPrivate) return undefined;
  if (url.protocol === 'http:') return 'is not an https:// URL; allowPrivate: true permits http://';
  const host = url.hostname.replace(/^\[|\]$|\.$/g, '');
  const isLocal = isIP(host) ? isPrivateAddress(host) : /(?:^|\.)(?:localhost|local|internal)$/.test(host);
  return isLocal ? 'is a local or private address; allowPrivate: true permits it' : undefined;
}
