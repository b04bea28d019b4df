// Preloaded into an app: the same app, but its metrics count nothing. All that it calls of them stays.
import { createRequire } from 'node:module';

const client = createRequire(new URL('../../libs/observability/package.json', import.meta.url))(
  'prom-client',
);
const nothing = () => {};

for (const { prototype } of [client.Counter, client.Gauge, client.Histogram, client.Summary]) {
  // They are fields of each object, made when it is: so none may be set.
  for (const name of ['inc', 'dec', 'set', 'observe']) {
    Object.defineProperty(prototype, name, { get: () => nothing, set() {} });
  }
}
client.collectDefaultMetrics = () => {};
