import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CONFIGURATION, renderConfigurationReference } from './configuration-reference.ts';
import { renderConnectionsReference } from './connections-reference.ts';

const read = (path: string) => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');

test.each([
  ['configuration.md', renderConfigurationReference],
  ['connections-file.md', renderConnectionsReference],
])('docs/reference/%s is up to date (npm run docs -w libs/config)', (name, render) => {
  expect(read(`docs/reference/${name}`)).toBe(render());
});

test('.env.example has the defaults of the variables, except those that compose sets differently', () => {
  const values = new Map(
    [...read('.env.example').matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  );
  const defaults = CONFIGURATION.flatMap(({ variables }) => Object.values(variables)).map(
    (variable) => [variable.name, variable.default] as const,
  );
  const compared = defaults.filter(([name]) => values.has(name));
  expect(compared.length).toBeGreaterThan(15);
  for (const [name, value] of compared) expect([name, values.get(name)]).toEqual([name, value]);
});
