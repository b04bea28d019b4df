import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { runInThisContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { sources } from './sources.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const require = createRequire(import.meta.url);

/** The workspace's esbuild, a dependency of tsx. Botpress' CLI uses its own, which is not installed here. */
const esbuild = createRequire(require.resolve('tsx/package.json', { paths: [here('../..')] }))('esbuild') as {
  build(options: object): Promise<{ outputFiles: { text: string }[] }>;
};

/** Bundles code in a folder as `bp bundle` does, and loads the bundle. */
async function bundle(folder: string, code: string): Promise<Record<string, unknown>> {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: code, resolveDir: here(`../${folder}`), loader: 'ts' },
    absWorkingDir: here(`../${folder}`),
    platform: 'node',
    target: 'es2020',
    bundle: true,
    keepNames: true,
    minify: true,
    write: false,
    logLevel: 'silent',
  });
  const module = { exports: {} as Record<string, unknown> };
  const text = outputFiles[0]?.text ?? '';
  expect(text.length).toBeLessThan(4_000_000);
  const load = runInThisContext(`(function (module, exports, require) {${text}\n})`) as (
    ...all: unknown[]
  ) => void;
  load(module, module.exports, require);
  return module.exports;
}

describe.each(sources.map(({ name }) => name))('%s', (name) => {
  test('bundles its definition', async () => {
    const { default: definition } = await bundle(name, "export { default } from './integration.definition'");
    expect(definition).toMatchObject({ name: `sluice-${name}` });
  });

  test('bundles its code, which responds to a ping', async () => {
    const { handler } = await bundle(name, "import x from './src/index'; export const handler = x.handler;");
    const ping = {
      'x-bot-id': 'b',
      'x-bot-user-id': 'u',
      'x-integration-id': 'i',
      'x-integration-alias': 'a',
      'x-webhook-id': 'w',
      'x-bp-operation': 'ping',
      'x-bp-configuration': Buffer.from('{}').toString('base64'),
    };
    const response = await (handler as (request: object) => Promise<unknown>)({ headers: ping, body: '{}' });
    expect(response).toMatchObject({ status: 200 });
  });
});
