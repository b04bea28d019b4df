import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { runInThisContext } from 'node:vm';
import { type IntegrationDefinition, z } from '@botpress/sdk';

/** What `bp` does with a folder before it calls Botpress, with the settings of the public CLI 7.1.2. */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

/** The folders that can be deployed. */
export const folders: readonly string[] = readdirSync(ROOT, { withFileTypes: true })
  .filter(
    (entry) => entry.isDirectory() && readdirSync(ROOT + entry.name).includes('integration.definition.ts'),
  )
  .map((entry) => entry.name);

/** Returns the text of a file in a folder. */
export function readText(folder: string, file: string): string {
  return readFileSync(`${ROOT}${folder}/${file}`, 'utf8');
}

/** The workspace's esbuild, a dependency of tsx. Botpress' CLI uses its own, which is not installed here. */
const esbuild = createRequire(require.resolve('tsx/package.json', { paths: [`${ROOT}..`] }))('esbuild') as {
  build(options: object): Promise<{ outputFiles: { text: string }[] }>;
};

async function bundle(directory: string, input: object): Promise<Record<string, unknown>> {
  const { outputFiles } = await esbuild.build({
    ...input,
    absWorkingDir: directory,
    bundle: true,
    platform: 'node',
    target: 'es2020',
    legalComments: 'none',
    keepNames: true,
    write: false,
    logLevel: 'silent',
  });
  const module = { exports: {} as Record<string, unknown> };
  const text = outputFiles[0]?.text ?? '';
  const load = runInThisContext(`(function (module, exports, require) {${text}\n})`) as (
    ...all: unknown[]
  ) => void;
  load(module, module.exports, require);
  return module.exports;
}

/** Bundles and loads the definition of a folder. */
export async function loadDefinition(directory: string): Promise<IntegrationDefinition> {
  const { default: definition } = await bundle(directory, { entryPoints: ['integration.definition.ts'] });
  return definition as IntegrationDefinition;
}

export interface HandlerRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type LambdaHandler = (
  request: HandlerRequest,
) => Promise<{ status?: number; body?: string } | undefined>;

/** Bundles and loads the code of a folder, minified as by `bp deploy`. Returns the function that Botpress calls. */
export async function loadHandler(directory: string): Promise<LambdaHandler> {
  const contents = "import x from './src/index'; export default x; export const handler = x.handler;";
  const { handler } = await bundle(directory, {
    stdin: { contents, resolveDir: directory, loader: 'ts' },
    minify: true,
  });
  return handler as LambdaHandler;
}

/** Returns the directory of a folder. */
export const directoryOf = (folder: string): string => ROOT + folder;

export type Converter = (schema: z.ZodTypeAny) => unknown;

/** The CLI's two conversions to JSON Schema; a definition may select the legacy one. */
export const converters: Readonly<Record<string, Converter>> = {
  toJSONSchema: (schema) => z.transforms.toJSONSchema(schema),
  toJSONSchemaLegacy: (schema) => z.transforms.toJSONSchemaLegacy(schema, { target: 'jsonSchema7' }),
};

export interface ConvertedSchema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, ConvertedSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
  readonly items?: ConvertedSchema;
  readonly 'x-zui'?: { readonly title?: string; readonly secret?: boolean };
}

/** Converts a schema and sends it through JSON, as the CLI does. */
export function convert(
  schema: unknown,
  converter: Converter = converters.toJSONSchema as Converter,
): ConvertedSchema {
  return JSON.parse(JSON.stringify(converter(schema as z.ZodTypeAny)));
}

/** Returns the JSON Schemas of a definition's events by name, as Botpress receives them. */
export function convertEvents(
  definition: IntegrationDefinition,
): Record<string, { schema: ConvertedSchema }> {
  return Object.fromEntries(
    Object.entries(definition.events ?? {}).map(([name, { schema }]) => [name, { schema: convert(schema) }]),
  );
}

/**
 * Returns whether the CLI accepts a name of an event: it splits a name before capital letters that follow a
 * lower-case letter, and builds it again.
 */
export function isCamelCase(name: string): boolean {
  const [first = '', ...others] = name
    .split(/[^a-zA-Z0-9]|_|(?<=[a-z])(?=[A-Z])/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());
  return name === [first, ...others.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join('');
}
