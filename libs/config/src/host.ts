import type { EnvironmentReader } from './environment-reader.ts';

/** Reads an address to listen on; loopback unless set, so nothing is exposed by accident. */
export function host(reader: EnvironmentReader, name: string): string {
  return reader.text(name, {
    default: '127.0.0.1',
    problem: (text) => (/^[\w.:%-]+$/.test(text) ? undefined : 'is not a host name or address'),
    wanted: 'an address to listen on without port, such as 0.0.0.0',
  });
}
