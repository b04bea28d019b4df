// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to the environment look like that
import { describe, expect, test } from 'vitest';
import { connectionsFile, mistakesOf, parse } from './test-support/connections-file.ts';

const SECRETS_RULE =
  'list of what the platform signs with, any of which verifies; empty entries are left out';

describe('references to the environment', () => {
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
    'a value like %j stays one text, whatever YAML would make of it',
    (value) => {
      expect(secretsOf('[${A}]', { A: value })).toEqual([value]);
      const block = connectionsFile().replace(' [s3cret-a]', '\n      - ${A}');
      expect(parse(block, { A: value }).get('acme')?.secrets[0]?.reveal()).toBe(value);
    },
  );

  test('work everywhere in texts, and in no key', () => {
    const yaml = connectionsFile()
      .replace('id: acme', 'id: ${ID}')
      .replace('token: t0ken-a', 'token: ${TOKEN}')
      .replace('shopName: acme', 'shopName: "shop ${ID}"');
    const found = parse(yaml, { ID: 'from-env', TOKEN: 'tok' }).get('from-env');
    expect(found?.botpress.token.reveal()).toBe('tok');
    expect(found?.settings).toEqual({ shopName: 'shop from-env' });
    expect(mistakesOf(connectionsFile('${ID}: 1'), { ID: 'limits' })).toHaveLength(1);
  });

  test('a variable that is not set is named with its place, and its text not complained about besides', () => {
    const yaml = connectionsFile().replace('acme', '${ID}').replace('[s3cret-a]', '[${A}, ${B:-}]');
    expect(mistakesOf(yaml)).toEqual([
      'c.yaml:2:9  connections[0].id  environment variable ID is not set  — set ID, or write ${ID:-} if it may be missing',
      'c.yaml:4:15  connections[0].secrets[0]  environment variable A is not set  — set A, or write ${A:-} if it may be missing',
    ]);
  });

  test.each(['${}', '${A-b}', '${1A}', '${A', '${A B}'])('%s is told to be wrong, unquoted', (text) => {
    expect(mistakesOf(connectionsFile().replace('[s3cret-a]', `["hunter2${text}"]`), { A: 'x' })).toEqual([
      'c.yaml:4:15  connections[0].secrets[0]  a reference to the environment that is not right  — write ${NAME} or ${NAME:-default}; a literal ${ is written $${',
    ]);
  });

  test('secrets that are all empty are told with the variables they come from', () => {
    expect(mistakesOf(connectionsFile().replace('[s3cret-a]', '[${A}, ${B:-}, ""]'), { A: '' })).toEqual([
      `c.yaml:4:14  connections[0].secrets  has only empty entries (from A, B)  — ${SECRETS_RULE}`,
    ]);
  });
});
