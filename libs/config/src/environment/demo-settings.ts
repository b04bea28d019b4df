import { type Environment, integer, readEnvironment, text, type ValuesOf } from './variables.ts';

export const demoVariables = {
  connectionsPath: text('SLUICE_CONNECTIONS', {
    default: 'config/connections.demo.yaml',
    accepts: 'a path, relative to the working directory',
    description: 'path of the connections file',
  }),
  dataFolder: text('SLUICE_DATA', {
    default: '.sluice',
    accepts: 'a path, relative to the repository',
    description: 'folder for the data of the Redis and the sandbox that the demo starts',
  }),
  redisPort: integer('SLUICE_REDIS_PORT', {
    default: 6390,
    max: 65_535,
    description: 'port of the Redis that the demo starts; unused if `REDIS_URL` is set',
  }),
};

export type DemoSettings = ValuesOf<typeof demoVariables>;

/**
 * Reads the settings of `npm start` in addition to those of its apps.
 *
 * @throws ConfigError with all problems
 */
export function readDemoSettings(env: Environment = process.env): DemoSettings {
  return readEnvironment(env, (reader) => reader.read(demoVariables));
}
