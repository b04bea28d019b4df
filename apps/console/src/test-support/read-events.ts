import { TOKENS } from './console-rig.ts';

export interface ServerEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Reads server-sent events as viewer. */
export function readEvents(url: string) {
  const leaving = new AbortController();
  const answer = fetch(url, {
    headers: { authorization: `Bearer ${TOKENS.viewer}` },
    signal: leaving.signal,
  });
  // Who leaves does not wait for it.
  answer.catch(() => {});
  return {
    /** Resolves with the status when the answer has begun. */
    opened: answer.then(({ status }) => status),
    leave: () => leaving.abort(),
    /** All of them, when the answer has ended. */
    all: async () => {
      const { headers, ...rest } = await answer;
      const text = await (await answer).text();
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
