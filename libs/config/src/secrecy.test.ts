// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to the environment look like that
import { createSourceRegistry, type SourceDefinition } from '@sluice/events';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { connectionsFile, mistakesOf } from './test-support/connections-file.ts';

describe('what may be secret is never quoted', () => {
  test('a token that lost its key', () => {
    const mistakes = mistakesOf(connectionsFile().replace('token: t0ken-a', 't0ken-a'));
    expect(mistakes).toContainEqual(
      'c.yaml:6:29  connections[0].botpress  a key that does not belong here  — known here: botId, integrationId, integrationAlias, token, apiUrl',
    );
    expect(mistakes.join()).not.toContain('t0ken-a');
    expect(mistakesOf(connectionsFile().replace('token: ', 'token:')).join()).not.toContain('t0ken-a');
  });

  test('a secret in place of the source, the id or a key, by way of a variable', () => {
    const yaml = connectionsFile().replace('source: shopify', 'source: ${OOPS}');
    expect(mistakesOf(yaml, { OOPS: 'hunter2' }).join()).toContain('unknown source "${OOPS}"');
    const twice = connectionsFile().replace('acme', '${OOPS}');
    const mistakes = mistakesOf(`${twice}\n${twice.split('\n').slice(1).join('\n')}`, { OOPS: 'hunter2' });
    expect(mistakes.join()).toContain('the id "${OOPS}" is taken');
  });

  test('by the settings schema of a source of the user', () => {
    const shopify = createSourceRegistry().get('shopify') as SourceDefinition;
    const gossip: SourceDefinition = {
      ...shopify,
      name: 'gossip',
      settings: z.object({
        verifyToken: z.string().refine(() => false, { error: ({ input }) => `bad value ${String(input)}` }),
      }),
    };
    const yaml = connectionsFile()
      .replace('shopify', 'gossip')
      .replace('shopName: acme', 'verifyToken: hunter2');
    expect(mistakesOf(yaml, {}, [gossip])).toEqual([
      'c.yaml:5:30  connections[0].settings.verifyToken  bad value [hidden]',
    ]);
  });
});

describe('broken YAML is one line with its position', () => {
  test.each([
    [
      'connections: [',
      'c.yaml:1:15  not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    [
      'connections:\n  - id: a\n    id: b',
      'c.yaml:3:5  the same key twice in one mapping  — keep one of them',
    ],
    ['connections:\n\t- id: a', 'c.yaml:2:1  a tab as indentation  — indent with spaces'],
    [
      'connections:\n  - token: @hunter2',
      'c.yaml:2:12  a value cannot begin with this character  — put the value in quotes',
    ],
    [
      'connections:\n  - token: !hunter2',
      'c.yaml:2:12  a tag that is not known  — put a value that begins with ! in quotes',
    ],
    [
      'connections:\n  - token: "\\qhunter2"',
      'c.yaml:2:13  an escape sequence that YAML does not know  — write the backslash twice, or use single quotes',
    ],
    [
      'connections:\n  - token: *hunter2',
      'c.yaml:1:1  an alias (*name) names no anchor (&name) before it, or there are far too many  — put a value that begins with * in quotes',
    ],
    [
      'connections:\n  - token: |hunter2',
      'c.yaml:2:13  not valid YAML: Block scalar header includes extra characters',
    ],
  ])('%j', (yaml, expected) => {
    const mistakes = mistakesOf(yaml);
    expect(mistakes).toEqual([expected]);
    expect(mistakes.join()).not.toContain('hunter2');
  });
});
