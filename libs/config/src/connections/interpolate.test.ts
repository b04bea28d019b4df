// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to environment variables
import { describe, expect, test } from 'vitest';
import { connectionsFile, parse, problemsOf } from './test-support/connections-file.ts';

const SECRETS_RULE = 'signing secrets of the platform, each of which verifies; empty entries are ignored';

describe('references to environment variables', () => {
  const secretsOf = (secrets: string, env: Record<string, string>) =>
    parse(
      connectionsFile().replace('[s3cret-a]', () => secrets),
      env,
    )
      .get('acme')
      ?.secrets.map((secret) => secret.reveal());

  test.each([
    ['[${A}]', { A: 'x' }, ['x']],
    ['[${A}, ${B:-}]', { A: 'x' }, ['x']],
    ['[${A}, ${B:-}]', { A: 'x', B: 'y' }, ['x', 'y']],
    ['[${A}, ${B}]', { A: 'x', B: '' }, ['x']],
    ['[${A:-fallback}]', {}, ['fallback']],
    ['[${A:-fallback}]', { A: '' }, ['fallback']],
    ['["${A:-with, comma}"]', {}, ['with, comma']],
    ['[pre-${A}-${B}]', { A: 'x', B: 'y' }, ['pre-x-y']],
    ['["$${A}", a$b, $5]', { A: 'x' }, ['${A}', 'a$b', '$5']],
    ['["${A}"]', { A: '${B}' }, ['${B}']],
  ])('%s with %o', (secrets, env, revealed) => {
    expect(secretsOf(secrets, env)).toEqual(revealed);
  });

  test.each(['x: y', '- a', '"', "'", '# c', '[1, 2', '{', '*a', '!t', '\u{1F600}', 'a\nid: evil'])(
    'a value like %j stays one text and is not parsed as YAML',
    (value) => {
      expect(secretsOf('[${A}]', { A: value })).toEqual([value]);
      const block = connectionsFile().replace(' [s3cret-a]', '\n      - ${A}');
      expect(parse(block, { A: value }).get('acme')?.secrets[0]?.reveal()).toBe(value);
    },
  );

  test('are resolved in all texts, but not in keys', () => {
    const yaml = connectionsFile()
      .replace('id: acme', 'id: ${ID}')
      .replace('token: t0ken-a', 'token: ${TOKEN}')
      .replace('shopName: acme', 'shopName: "shop ${ID}"');
    const found = parse(yaml, { ID: 'from-env', TOKEN: 'tok' }).get('from-env');
    expect(found?.botpress.token.reveal()).toBe('tok');
    expect(found?.settings).toEqual({ shopName: 'shop from-env' });
    expect(problemsOf(connectionsFile('${ID}: 1'), { ID: 'limits' })).toHaveLength(1);
  });

  test('an unset variable is the only problem reported for its text', () => {
    const yaml = connectionsFile().replace('acme', '${ID}').replace('[s3cret-a]', '[${A}, ${B:-}]');
    expect(problemsOf(yaml)).toEqual([
      'c.yaml:2:9: connections[0].id refers to the unset environment variable ID. Set ID, or write ${ID:-} if it is optional.',
      'c.yaml:4:15: connections[0].secrets[0] refers to the unset environment variable A. Set A, or write ${A:-} if it is optional.',
    ]);
  });

  test.each(['${}', '${A-b}', '${1A}', '${A', '${A B}'])(
    '%s is reported as invalid without being quoted',
    (text) => {
      expect(problemsOf(connectionsFile().replace('[s3cret-a]', `["hunter2${text}"]`), { A: 'x' })).toEqual([
        'c.yaml:4:15: connections[0].secrets[0] contains an invalid reference to an environment variable. Write ${NAME} or ${NAME:-default}, and a literal ${ as $${.',
      ]);
    },
  );

  test('secrets that are all empty are reported with their variables', () => {
    expect(problemsOf(connectionsFile().replace('[s3cret-a]', '[${A}, ${B:-}, ""]'), { A: '' })).toEqual([
      `c.yaml:4:14: connections[0].secrets has only empty entries (from A, B). Expected: ${SECRETS_RULE}.`,
    ]);
  });
});
