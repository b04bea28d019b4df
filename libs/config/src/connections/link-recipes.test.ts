import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseConnections } from './load-connections.ts';

const GUIDE = fileURLToPath(new URL('../../../../docs/how-to/link-events.md', import.meta.url));
const recipes = [...readFileSync(GUIDE, 'utf8').matchAll(/^### (.+?)\n.*?```yaml\n(.*?)```/gms)];

test('docs/how-to/link-events.md has five recipes', () => {
  expect(recipes).toHaveLength(5);
});

test.each(recipes.map(([, title, yaml = '']) => ({ title, yaml })))(
  'the recipe "$title" loads',
  ({ yaml }) => {
    const names = [...yaml.matchAll(/\$\{(\w+)\}/g)].map(
      ([, name]) => [name, 'c2VjcmV0LXNlY3JldC1zZWNyZXQ='] as const,
    );
    const [connection] = parseConnections(yaml, 'c.yaml', { env: Object.fromEntries(names) }).all();
    expect(connection?.link).toBeDefined();
  },
);
