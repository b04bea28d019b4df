/** Whether an address is of this machine alone. One of IPv6 may stand in brackets, as it does in a URL. */
export function isLoopback(address: string): boolean {
  return /^(?:localhost|\[?::1\]?|127(?:\.\d{1,3}){3})$/.test(address);
}
