import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { DELIVERY_FIELDS, QUEUE_KEYS } from './layout.ts';

/** Other rooms name BullMQ's keys and the fields of jobs by the constants of layout.ts. */

const SOURCES = fileURLToPath(new URL('..', import.meta.url));

const suffixes = Object.values(QUEUE_KEYS).join('|');
const fields = Object.values(DELIVERY_FIELDS).join('|');

/** A key that is built from a prefix (`${keyPrefix}failed`, `KEYS[2] .. 'failed'`), or a field of Sluice's. */
const LITERAL = new RegExp(
  `[kK]eyPrefix\\}(?:${suffixes})|(?:KEYS\\[\\d\\]|prefix|jobs) \\.\\. '(?:${suffixes})|['"\`](?:${fields})['"\`]`,
);

test('only the folder bullmq names BullMQ’s keys and the fields of jobs', () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(?:ts|lua)$/.test(path))
    .filter((path) => !path.startsWith('bullmq/') && !/\.test\.ts$|test-support/.test(path));
  const found = files.filter((path) => LITERAL.test(readFileSync(join(SOURCES, path), 'utf8')));
  expect(found).toEqual([]);
});
