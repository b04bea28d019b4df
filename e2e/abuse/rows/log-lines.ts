import { post } from '../post.ts';
import { head, sendRaw, statusesOf } from '../raw.ts';
import { type Row, summarize } from '../row.ts';
import { signed, signedBody } from '../signed.ts';
import { finalLogLine, type Target } from '../target.ts';

const FORGED = '{"level":"fatal","msg":"forged"}';
const HOSTILE = ['\r\n', '\n', '\r', '\u001b[31m', '\u001b]0;title\u0007', '\u0000', '\u0008', '\u007f'];

/** Counts log lines that an app did not write: without a level, or with the forged text. */
function foreignLines(target: Target, since: { ingest: number; worker: number }): number {
  const { ingest, worker } = target.pipeline;
  const lines = [...ingest.lines.seen.slice(since.ingest), ...worker.lines.seen.slice(since.worker)];
  return lines.filter(({ level, app, msg }) => level === undefined || app === undefined || msg === 'forged')
    .length;
}

export const logLines: readonly Row[] = [
  {
    row: 17,
    input: 'raw CR, LF, NUL and escapes in headers and in the path',
    expected: '400',
    run: async (target) => {
      const { headers, body } = signedBody('shopify', '{}');
      const results: [string, string][] = [];
      // A lone CR LF only ends the header: the rest must not be a header.
      for (const character of HOSTILE.filter((each) => each !== '\r\n')) {
        const line = `X-Shopify-Event-Id: a${character}${FORGED}`;
        const inHeader = head({ headers, lines: [line], length: body.length }) + body;
        const inPath =
          head({ requestLine: `POST /webhooks/a${character}b HTTP/1.1`, headers, length: 2 }) + body;
        results.push([
          `${JSON.stringify(character)} in a header`,
          statusesOf(await sendRaw(target, inHeader)),
        ]);
        results.push([`${JSON.stringify(character)} in the path`, statusesOf(await sendRaw(target, inPath))]);
      }
      return summarize(results, '400');
    },
  },
  {
    row: 17,
    input: 'the same, escaped, in ids and in signed topics and ids that are logged',
    expected: 'one JSON line each, 0 foreign lines',
    run: async (target) => {
      const { ingest, worker } = target.pipeline;
      const since = { ingest: ingest.lines.seen.length, worker: worker.lines.seen.length };
      const deliveries: string[] = [];
      for (const character of HOSTILE) {
        const { headers, body } = signedBody('shopify', '{}');
        const requestLine = `POST /webhooks/a${encodeURIComponent(character)}b HTTP/1.1`;
        await sendRaw(target, head({ requestLine, headers, length: 2 }) + body);
        const text = `x${character}${FORGED}`;
        const sent = { type: text, id: text, timestamp: text, data: { [text]: text } };
        const answer = await post(target, 'custom', signedBody('custom', JSON.stringify(sent)));
        deliveries.push(...answer.deliveries);
      }
      deliveries.push(...(await post(target, 'shopify', signed('shopify'))).deliveries);
      for (const delivery of deliveries) await finalLogLine(target, delivery);
      const loggedTimes = (id: string) =>
        worker.lines.seen.filter(({ delivery, outcome }) => delivery === id && outcome === 'delivered')
          .length;
      const once =
        deliveries.length === HOSTILE.length + 1 && deliveries.every((id) => loggedTimes(id) === 1);
      return `${once ? 'one JSON line each' : 'not one line each'}, ${foreignLines(target, since)} foreign lines`;
    },
  },
];
