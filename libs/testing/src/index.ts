export { type FindRedisOptions, type FoundRedis, findRedis, NO_REDIS } from './find-redis.ts';
export { freePort } from './free-port.ts';
export { type LogLine, LogLines } from './log-lines.ts';
export type { RedisBinary } from './project-redis.ts';
export type { Exit } from './redis-process.ts';
export { type AppName, type RunningApp, type StartAppOptions, startApp } from './start-app.ts';
export { type RunningRedis, type StartRedisOptions, startRedis } from './start-redis.ts';
