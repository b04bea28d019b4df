import { Agent, request } from 'node:http';

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Posts all with this concurrency over kept-alive connections.
 *
 * @returns seconds it took
 * @throws an Error at the first answer that is not 200
 */
export async function postAll(posts: readonly Post[], concurrency: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const start = performance.now();
  let next = 0;
  const work = async () => {
    for (let post = posts[next++]; post; post = posts[next++]) {
      const status = await send(post, agent);
      if (status !== 200) throw new Error(`${post.url} answered ${status}`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  agent.destroy();
  return (performance.now() - start) / 1000;
}

function send({ url, headers, body }: Post, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const length = { 'content-length': Buffer.byteLength(body) };
    const sending = request(url, { method: 'POST', agent, headers: { ...headers, ...length } }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
    });
    sending.on('error', reject).end(body);
  });
}
