import type { EnvironmentReader } from './environment-reader.ts';
import { httpUrlProblem } from './http-url.ts';

/** Addresses of ingest, without a slash at their end. */
export interface IngestUrls {
  /** As platforms reach it, for what the console tells to enter there. */
  readonly publicUrl: string;
  /** As this machine reaches it. */
  readonly ingestUrl: string;
}

const HERE = 'http://127.0.0.1:3000';

/** Reads SLUICE_PUBLIC_URL and SLUICE_INGEST_URL, as a part of the console's settings. */
export function edgeUrls(reader: EnvironmentReader): IngestUrls {
  const rule = {
    default: HERE,
    problem: httpUrlProblem,
    wanted: 'an http:// or https:// address without user, password and query',
  };
  const read = (name: string) => reader.text(name, rule).replace(/\/+$/, '');
  return { publicUrl: read('SLUICE_PUBLIC_URL'), ingestUrl: read('SLUICE_INGEST_URL') };
}
