export { buildApps, buildPage } from './build-apps.ts';
export { buildClient2, type Client2 } from './client-2.ts';
export { findPrometheus, type Prometheus } from './find-prometheus.ts';
export type { RedisBinary } from './find-redis.ts';
export { type FindRedisOptions, type FoundRedis, findRedis, NO_REDIS } from './find-redis.ts';
export {
  compareLedgers,
  type LedgerComparison,
  openSenderLedger,
  type QueueContents,
  type SenderLedger,
  waitUntilCreated,
} from './ledger.ts';
export { type LogLine, LogLines } from './log-lines.ts';
export { makeDelivery } from './make-delivery.ts';
export { freePort, PortBusyError } from './ports.ts';
export type { Exit } from './redis-process.ts';
export { type RunningSluice, runSluice, type SluiceRun } from './run-sluice.ts';
export { type SeedOptions, seedDeadLetters } from './seed-dead-letters.ts';
export { seededRandom } from './seeded-random.ts';
export {
  type PlatformRequest,
  type PlatformResponse,
  type SendingOptions,
  sendLikeAPlatform,
} from './send-like-a-platform.ts';
export { readSharedFixtures, type SharedFixture } from './shared-fixtures.ts';
export { type AppName, type RunningApp, type StartAppOptions, startApp } from './start-app.ts';
export { type RunningCluster, startCluster } from './start-cluster.ts';
export {
  type PipelineApp,
  type RunningPipeline,
  type StartPipelineOptions,
  startPipeline,
} from './start-pipeline.ts';
export { type RunningRedis, type StartRedisOptions, startRedis } from './start-redis.ts';
export {
  type RunningSandbox,
  type SandboxCall,
  type SandboxFault,
  type SandboxLedger,
  startSandbox,
} from './start-sandbox.ts';
export { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
