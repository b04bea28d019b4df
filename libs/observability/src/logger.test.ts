import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { stackFrames } from './logger.ts';

const module = fileURLToPath(new URL('logger.ts', import.meta.url));

/** Logs one line in a separate process whose stdout is not a terminal. */
function log(pretty: string): string {
  const source = `
    import { createLogger } from ${JSON.stringify(module)};
    const logger = createLogger('ingest', { level: 'info', pretty: '${pretty}' });
    logger.info({ why: 'a\\nb\\u001b[31m' }, 'webhook.ingested');
    logger.debug('below the level');
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

test('writes one JSON object per line with control characters escaped', () => {
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

test('writes readable lines if LOG_PRETTY is true', () => {
  expect(log('true')).toMatch(/INFO.*webhook\.ingested/);
});

function parseError(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error;
  }
}

test('stack frames contain the locations and nothing of the message', () => {
  const error = parseError('canary-of-the-body');
  expect(String(error)).toContain('canary');
  expect(stackFrames(error)).toMatch(/^at JSON\.parse .*\nat parseError .*logger\.test\.ts/);
  expect(stackFrames(error)).not.toContain('canary');
});

test('stack frames of a multi-line message exclude the message, and a value that is not an error has none', () => {
  expect(stackFrames(new Error('one\n    at canary (two)'))).not.toContain('canary');
  expect(stackFrames('canary')).toBe('');
  expect(stackFrames(undefined)).toBe('');
});
