import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const module = fileURLToPath(new URL('logger.ts', import.meta.url));

/** Logs one line in a process of its own, whose stdout is no terminal. */
function log(pretty: string): string {
  const source = `
    import { createLogger } from ${JSON.stringify(module)};
    const logger = createLogger('ingest', { level: 'info', pretty: '${pretty}' });
    logger.info({ why: 'a\\nb\\u001b[31m' }, 'webhook.ingested');
    logger.debug('unheard');
  `;
  const { stdout } = spawnSync(process.execPath, [
    '--import',
    'tsx',
    '--input-type=module',
    '--eval',
    source,
  ]);
  return stdout.toString();
}

test('writes one JSON object a line, control characters escaped', () => {
  const lines = log('auto').trimEnd().split('\n');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'info',
    app: 'ingest',
    msg: 'webhook.ingested',
    why: 'a\nb\u001b[31m',
  });
  expect(lines[0]).not.toContain('\u001b');
});

test('writes for people when asked to', () => {
  expect(log('true')).toMatch(/INFO.*webhook\.ingested/);
});
