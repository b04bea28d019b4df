import { once } from 'node:events';
import { connect } from 'node:net';
import { freePort } from './ports.ts';
import { type RunningRedis, startRedis } from './start-redis.ts';

const SLOTS = 16_384;

/** Milliseconds between two polls. Nodes find each other within a second or two. */
const EVERY = 50;

/** Milliseconds after which nodes consider an unresponsive node failed. */
const NODE_TIMEOUT = 2_000;

export interface RunningCluster {
  /** `redis+cluster://…` with all nodes. */
  readonly url: string;
  /** In the order of their slots, which are distributed evenly. */
  readonly nodes: readonly RunningRedis[];
  stop(): Promise<void>;
}

/** Starts a Redis Cluster of masters with production's durability, and waits until it serves all slots. */
export async function startCluster(count = 3): Promise<RunningCluster> {
  const nodes = await Promise.all(Array.from({ length: count }, startNode));
  const [first, ...others] = nodes as [Node, ...Node[]];
  for (const [index, { redis }] of nodes.entries()) {
    const [from, to] = [index, index + 1].map((place) => Math.floor((place * SLOTS) / count)) as [
      number,
      number,
    ];
    await sendCommand(redis.port, `CLUSTER SET-CONFIG-EPOCH ${index + 1}`);
    await sendCommand(redis.port, `CLUSTER ADDSLOTSRANGE ${from} ${to - 1}`);
  }
  for (const { redis, busPort } of others) {
    await sendCommand(first.redis.port, `CLUSTER MEET 127.0.0.1 ${redis.port} ${busPort}`);
  }
  await Promise.all(nodes.map(({ redis }) => waitUntilServing(redis.port, count)));
  return {
    url: `redis+cluster://${nodes.map(({ redis }) => `127.0.0.1:${redis.port}`).join(',')}`,
    nodes: nodes.map(({ redis }) => redis),
    stop: async () => {
      await Promise.all(nodes.map(({ redis }) => redis.stop()));
    },
  };
}

interface Node {
  readonly redis: RunningRedis;
  readonly busPort: number;
}

async function startNode(): Promise<Node> {
  const busPort = await freePort();
  const args = ['--cluster-enabled', 'yes', '--cluster-port', `${busPort}`];
  // Other shards keep working while one node is down.
  const more = ['--cluster-node-timeout', `${NODE_TIMEOUT}`, '--cluster-require-full-coverage', 'no'];
  return { redis: await startRedis({ own: true, args: [...args, ...more] }), busPort };
}

async function waitUntilServing(port: number, count: number): Promise<void> {
  for (;;) {
    const info = await sendCommand(port, 'CLUSTER INFO');
    if (info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${count}\r`)) return;
    await new Promise((resolve) => setTimeout(resolve, EVERY));
  }
}

/** Sends a command in Redis' inline protocol, which does not require a client. Returns the raw reply. */
async function sendCommand(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.setEncoding('utf8').write(`${command}\r\nQUIT\r\n`);
  let answer = '';
  socket.on('data', (chunk: string) => {
    answer += chunk;
  });
  await once(socket, 'end');
  socket.destroy();
  if (answer.startsWith('-')) throw new Error(`${command}: ${answer.slice(1).trim()}`);
  return answer;
}
