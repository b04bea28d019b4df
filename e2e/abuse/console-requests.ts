import { request } from 'node:http';
import type { RunningApp } from '@sluice/testing';
import { TOKENS } from './connections.ts';

export interface Operation {
  readonly method: string;
  readonly path: string;
}

export interface ConsoleRequest extends Operation {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Sends a request to the console. `fetch` does not allow to set Host, Origin or Sec-Fetch-Site. */
export function requestConsole(
  { url }: Pick<RunningApp, 'url'>,
  { method, path, headers = {}, body }: ConsoleRequest,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, url), { method, headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.once('end', () => {
        const head = answer.rawHeaders.join('\n');
        resolve({ status: answer.statusCode ?? 0, text: `${head}\n\n${Buffer.concat(parts)}` });
      });
    });
    asked.once('error', reject);
    asked.end(body);
  });
}

export const asOperator = { authorization: `Bearer ${TOKENS.operator}` };
export const asJson = { 'content-type': 'application/json' };

/** Returns all operations of the console that require a token, with unknown ids. */
export async function operationsOf(console: Pick<RunningApp, 'url'>): Promise<readonly Operation[]> {
  const { text } = await requestConsole(console, {
    method: 'GET',
    path: '/api/openapi.json',
    headers: asOperator,
  });
  const { paths } = JSON.parse(text.slice(text.indexOf('\n\n'))) as {
    paths: Record<string, Record<string, { readonly security?: object }>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { security }]) => security === undefined)
      .map(([method]) => ({
        method: method.toUpperCase(),
        path: `/api${path.replace('{id}', idFor(path))}`,
      })),
  );
}

function idFor(path: string): string {
  if (path.startsWith('/replays')) return 'rpl_none';
  return path.startsWith('/connections') ? 'shopify' : 'dlv_none';
}
