export { ConfigError, type Diagnostic, formatDiagnostic } from './config-error.ts';
export {
  type BotpressTarget,
  type Connection,
  type Connections,
  createConnections,
  type ForwardTarget,
  forwardId,
} from './connections/connection.ts';
export { type LoadOptions, loadConnections, parseConnections } from './connections/load-connections.ts';
export {
  type WatchedConnections,
  type WatchOptions,
  watchConnections,
} from './connections/watch-connections.ts';
export {
  type ConsoleRole,
  type ConsoleSettings,
  type ConsoleToken,
  describeConsoleVariable,
  type IngestUrls,
  type NotificationSettings,
  readConsoleSettings,
} from './environment/console-settings.ts';
export { type DemoSettings, readDemoSettings } from './environment/demo-settings.ts';
export { type IngestSettings, readIngestSettings } from './environment/ingest-settings.ts';
export {
  type LogLevel,
  type LogSettings,
  type RedisSettings,
  readBotpressApiUrl,
  readConnectionsPath,
  readLogSettings,
  readRedisSettings,
  readTelegramApiUrl,
  readWorkspaceSettings,
  type WorkspaceSettings,
} from './environment/shared-settings.ts';
export type { Environment } from './environment/variables.ts';
export { readWorkerSettings, type WorkerSettings } from './environment/worker-settings.ts';
export type { ModuleKit } from './modules/import-module.ts';
export { loadSourceRegistry } from './modules/load-source-registry.ts';
export { Secret } from './secret.ts';
export { isPrivateAddress } from './url-checks.ts';
