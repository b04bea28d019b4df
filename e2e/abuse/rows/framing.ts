import { chunk, head, openConnection, sendRaw, statusesOf, wholeRequest } from '../raw.ts';
import { type Row, summarize, type Variants } from '../row.ts';
import { signed, signedBody } from '../signed.ts';
import type { Target } from '../target.ts';

/** A request hidden behind another. It is smuggled if it gets a response. */
const HIDDEN = 'GET /healthz HTTP/1.1\r\nHost: edge\r\n\r\n';
const CHUNKED = 'Transfer-Encoding: chunked';
const LAST = '0\r\n\r\n';

/** Keeps the connection open: a smuggled request would be answered on it. */
const request = (lines: readonly string[], body: string, requestLine = 'POST /webhooks/shopify HTTP/1.1') =>
  `${[requestLine, 'Host: edge', 'Content-Type: application/json', ...lines].join('\r\n')}\r\n\r\n${body}`;

const DOUBTFUL: Record<string, string> = {
  'CL and TE': request(['Content-Length: 6', CHUNKED], `${LAST}${HIDDEN}`),
  'TE and CL': request([CHUNKED, 'Content-Length: 6'], `${LAST}${HIDDEN}`),
  'two different CL': request(['Content-Length: 2', 'Content-Length: 60'], `{}${HIDDEN}`),
  'two equal CL': request(['Content-Length: 2', 'Content-Length: 2'], `{}${HIDDEN}`),
  'a list of CL': request(['Content-Length: 2, 2'], `{}${HIDDEN}`),
  'CL with a sign': request(['Content-Length: +2'], `{}${HIDDEN}`),
  'negative CL': request(['Content-Length: -2'], `{}${HIDDEN}`),
  'CL in hex': request(['Content-Length: 0x2'], `{}${HIDDEN}`),
  'CL above 64 bits': request(['Content-Length: 18446744073709551618'], `{}${HIDDEN}`),
  'a space before the colon of CL': request(['Content-Length : 2'], `{}${HIDDEN}`),
  'a space before the colon of TE': request(['Transfer-Encoding : chunked'], `${LAST}${HIDDEN}`),
  'TE of another coding': request(['Transfer-Encoding: xchunked'], `${LAST}${HIDDEN}`),
  'TE with chunked first': request(['Transfer-Encoding: chunked, identity'], `${LAST}${HIDDEN}`),
  'TE with identity': request(['Transfer-Encoding: identity, chunked'], LAST),
  'TE with gzip': request(['Transfer-Encoding: gzip, chunked'], LAST),
  'TE twice': request([CHUNKED, CHUNKED], LAST),
  'TE with a vertical tab': request(['Transfer-Encoding: \u000bchunked'], `${LAST}${HIDDEN}`),
  'TE in HTTP/1.0': request([CHUNKED], LAST, 'POST /webhooks/shopify HTTP/1.0'),
  'bare LF everywhere': request(['Content-Length: 2'], `{}${HIDDEN}`).replaceAll('\r\n', '\n'),
  'bare LF after the request line': request(['Content-Length: 2'], `{}${HIDDEN}`).replace('\r\n', '\n'),
  'bare LF in the headers': request(['X: y\nContent-Length: 2'], `{}${HIDDEN}`),
  'bare LF before the body': request(['Content-Length: 2'], `{}${HIDDEN}`).replace('\r\n\r\n', '\r\n\n'),
  'bare CR in the headers': request(['X: y\rContent-Length: 2'], `{}${HIDDEN}`),
  'obs-fold': request(['X: a', ' b', 'Content-Length: 2'], `{}${HIDDEN}`),
  'obs-fold of TE': request(['Transfer-Encoding:', ' chunked'], `${LAST}${HIDDEN}`),
  'bare LF after a chunk size': request([CHUNKED], `2\n{}\r\n${LAST}${HIDDEN}`),
  'bare LF after a chunk': request([CHUNKED], `2\r\n{}\n${LAST}${HIDDEN}`),
  'a negative chunk size': request([CHUNKED], `-2\r\n{}\r\n${LAST}${HIDDEN}`),
  'a chunk size with 0x': request([CHUNKED], `0x2\r\n{}\r\n${LAST}${HIDDEN}`),
  'a chunk size above 64 bits': request([CHUNKED], `10000000000000002\r\n{}\r\n${LAST}${HIDDEN}`),
  'bare LF in a chunk extension': request([CHUNKED], `2;a\nxx\r\n{}\r\n${LAST}${HIDDEN}`),
  'CL in a trailer': request([CHUNKED], `2\r\n{}\r\n0\r\nContent-Length: 50\r\n\r\n${HIDDEN}`),
  'HTTP/2.0 as text': request(['Content-Length: 2'], '{}', 'POST /webhooks/shopify HTTP/2.0'),
  'HTTP/1.2': request(['Content-Length: 2'], `{}${HIDDEN}`, 'POST /webhooks/shopify HTTP/1.2'),
};

/** Sends each request. An accepted one keeps its connection, and answers the hidden request. */
async function send(target: Target, requests: Record<string, string>): Promise<Variants> {
  return Promise.all(
    Object.entries(requests).map(
      async ([name, text]) => [name, statusesOf(await sendRaw(target, text))] as const,
    ),
  );
}

/** Unusual requests that Node accepts: they have one meaning only, or Sluice ignores the unusual part. */
function harmless(): Record<string, string> {
  const order = signedBody('shopify', '{"id":1,"created_at":"2026-01-01"}');
  const again = () => signedBody('shopify', '{"id":1,"created_at":"2026-01-01"}');
  const chunked = head({ headers: order.headers, lines: [CHUNKED] });
  return {
    'a chunk extension': `${chunked}${chunk(order.body).replace('\r\n', ';name="value"\r\n')}${LAST}`,
    'a trailer': `${head({ headers: again().headers, lines: [CHUNKED] })}${chunk(order.body)}0\r\nX-Trailer: 1\r\n\r\n`,
    'a second Host': wholeRequest(again(), { lines: ['Host: other'] }),
    'an absolute request line': wholeRequest(again(), {
      requestLine: 'POST http://other/webhooks/shopify HTTP/1.1',
    }),
    '1,000 headers': wholeRequest(again(), {
      lines: Array.from({ length: 1_000 }, (_, index) => `X${index}: y`),
    }),
  };
}

export const framing: readonly Row[] = [
  {
    row: 27,
    input: 'CL + TE, two CL, bare LF, obs-fold and other ambiguous body ends',
    expected: '400',
    run: async (target) => summarize(await send(target, DOUBTFUL), '400'),
  },
  {
    row: 27,
    input: 'chunk extensions, trailers, a second Host, an absolute request line, 1,000 headers',
    expected: '200',
    run: async (target) => summarize(await send(target, harmless()), '200'),
  },
  {
    row: 27,
    input: 'a chunk extension of 20 kB, and headers of 20 kB',
    expected: '413 and 431',
    run: async (target) => {
      // Not more than is read at once: unread data would reset the connection before the response arrives.
      const long = 'x'.repeat(20_000);
      const extension = await sendRaw(target, request([CHUNKED], `2;${long}\r\n{}\r\n${LAST}`));
      const header = await sendRaw(target, request([`X: ${long}`, 'Content-Length: 2'], '{}'));
      return `${statusesOf(extension)} and ${statusesOf(header)}`;
    },
  },
  {
    row: 27,
    input: 'a second request after a complete first one: legal pipelining',
    expected: '200,401',
    run: async (target) => {
      const first = wholeRequest(signed('shopify')).replace('Connection: close\r\n', '');
      const { socket, answer, closed } = openConnection(target);
      socket.write(
        Buffer.from(
          `${first + head({ headers: { 'content-type': 'application/json' }, length: 2 })}{}`,
          'latin1',
        ),
      );
      await closed;
      return statusesOf(answer());
    },
  },
];
