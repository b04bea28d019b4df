// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to environment variables
import { createSourceRegistry, type SourceDefinition } from '@sluice/events';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { connectionsFile, problemsOf } from './test-support/connections-file.ts';

describe('diagnostics never quote', () => {
  test('a token without its key', () => {
    const problems = problemsOf(connectionsFile().replace('token: t0ken-a', 't0ken-a'));
    expect(problems).toContainEqual(
      'c.yaml:6:29: connections[0].botpress has an unknown key. Known keys: botId, integrationId, integrationAlias, workspaceId, token, apiUrl.',
    );
    expect(problems.join()).not.toContain('t0ken-a');
    expect(problemsOf(connectionsFile().replace('token: ', 'token:')).join()).not.toContain('t0ken-a');
  });

  test('the value of a variable used as source, id or key', () => {
    const yaml = connectionsFile().replace('source: shopify', 'source: ${OOPS}');
    expect(problemsOf(yaml, { OOPS: 'hunter2' }).join()).toContain('unknown source "${OOPS}"');
    const twice = connectionsFile().replace('acme', '${OOPS}');
    const problems = problemsOf(`${twice}\n${twice.split('\n').slice(1).join('\n')}`, { OOPS: 'hunter2' });
    expect(problems.join()).toContain('repeats the id "${OOPS}"');
  });

  test('secrets in the message of a user-defined settings schema', () => {
    const shopify = createSourceRegistry().get('shopify') as SourceDefinition;
    const leaky: SourceDefinition = {
      ...shopify,
      name: 'leaky',
      settings: z.object({
        verifyToken: z.string().refine(() => false, { error: ({ input }) => `bad value ${String(input)}` }),
      }),
    };
    const yaml = connectionsFile()
      .replace('shopify', 'leaky')
      .replace('shopName: acme', 'verifyToken: hunter2');
    expect(problemsOf(yaml, {}, [leaky])).toEqual([
      'c.yaml:5:30: connections[0].settings.verifyToken is invalid: bad value [hidden].',
    ]);
  });
});

describe('invalid YAML is reported in one line with its position', () => {
  test.each([
    [
      'connections: [',
      'c.yaml:1:15: the file is not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ].',
    ],
    [
      'connections:\n  - id: a\n    id: b',
      'c.yaml:3:5: the file has a duplicate key in a mapping. Remove one of them.',
    ],
    ['connections:\n\t- id: a', 'c.yaml:2:1: the file is indented with a tab. Indent with spaces.'],
    [
      'connections:\n  - token: @hunter2',
      'c.yaml:2:12: the file has a value that begins with a reserved character. Quote the value.',
    ],
    [
      'connections:\n  - token: !hunter2',
      'c.yaml:2:12: the file has an unknown tag. Quote values that begin with !',
    ],
    [
      'connections:\n  - token: "\\qhunter2"',
      'c.yaml:2:13: the file has an unknown escape sequence. Write the backslash twice, or use single quotes.',
    ],
    [
      'connections:\n  - token: *hunter2',
      'c.yaml:1:1: the file has an alias (*name) without an anchor (&name) before it, or too many aliases. Quote values that begin with *.',
    ],
    [
      'connections:\n  - token: |hunter2',
      'c.yaml:2:13: the file is not valid YAML: Block scalar header includes extra characters.',
    ],
  ])('%j', (yaml, expected) => {
    const problems = problemsOf(yaml);
    expect(problems).toEqual([expected]);
    expect(problems.join()).not.toContain('hunter2');
  });
});
