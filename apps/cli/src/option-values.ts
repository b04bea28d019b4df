import { InvalidArgumentError } from 'commander';

const MAX_COUNT = 10_000_000;

/** Reads a count from 1, in plain digits. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= MAX_COUNT) return count;
  throw new InvalidArgumentError(`Expected a whole number from 1 to ${MAX_COUNT}.`);
}

/** Reads a rate a second, which may be below 1. */
export function parseRate(text: string): number {
  const rate = Number(text);
  if (/^\d*\.?\d+$/.test(text) && rate > 0) return rate;
  throw new InvalidArgumentError('Expected a number above 0, webhooks a second.');
}

/** Reads the address of ingest. */
export function parseIngestUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw new InvalidArgumentError('Expected an http:// or https:// address.');
}
