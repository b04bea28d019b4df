import type { Environment } from './environment.ts';
import { PORTS } from './ranges.ts';
import { readEnvironment } from './read-environment.ts';

export interface DemoSettings {
  readonly connectionsPath: string;
  /** Where the demo's Redis and sandbox keep their data; relative to the project. */
  readonly dataFolder: string;
  /** Of the demo's own Redis; unused where REDIS_URL is set. */
  readonly redisPort: number;
}

/**
 * Reads what `npm start` needs besides what its apps read themselves.
 *
 * @throws ConfigError with all problems together
 */
export function readDemoSettings(env: Environment = process.env): DemoSettings {
  return readEnvironment(env, (reader) => ({
    connectionsPath: reader.text('SLUICE_CONNECTIONS', {
      default: 'config/connections.demo.yaml',
      problem: () => undefined,
      wanted: 'the path of the connections file',
    }),
    dataFolder: reader.text('SLUICE_DATA', {
      default: '.sluice',
      problem: () => undefined,
      wanted: 'a folder for the data of the demo',
    }),
    redisPort: reader.integer('SLUICE_REDIS_PORT', { ...PORTS, min: 1, default: 6390 }),
  }));
}
