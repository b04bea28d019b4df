import { TOKENS } from './console-rig.ts';

export interface ServerEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Requests server-sent events as viewer. */
export function readEvents(url: string) {
  const abort = new AbortController();
  const response = fetch(url, {
    headers: { authorization: `Bearer ${TOKENS.viewer}` },
    signal: abort.signal,
  });
  // A test that leaves does not await the response.
  response.catch(() => {});
  return {
    /** Resolves with the status when the response has begun. */
    opened: response.then(({ status }) => status),
    leave: () => abort.abort(),
    /** Resolves with all events when the response has ended. */
    all: async () => {
      const { headers, ...rest } = await response;
      const text = await (await response).text();
      return { ...rest, type: headers.get('content-type')?.split(';')[0], events: parse(text) };
    },
  };
}

function parse(text: string): ServerEvent[] {
  return text.split('\n\n').flatMap((block) => {
    const found = /^event: (\w+)\ndata: (.*)$/.exec(block);
    return found ? [{ event: found[1] ?? '', data: JSON.parse(found[2] ?? '') as ServerEvent['data'] }] : [];
  });
}
