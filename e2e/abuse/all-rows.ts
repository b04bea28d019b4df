import type { Row } from './row.ts';
import { addresses } from './rows/addresses.ts';
import { anonymous } from './rows/anonymous.ts';
import { bodies } from './rows/bodies.ts';
import { comparison } from './rows/comparison.ts';
import { crossSite } from './rows/cross-site.ts';
import { framing } from './rows/framing.ts';
import { json } from './rows/json.ts';
import { logLines } from './rows/log-lines.ts';
import { media } from './rows/media.ts';
import { metrics } from './rows/metrics.ts';
import { redisKeys } from './rows/redis-keys.ts';
import { regularExpressions } from './rows/regular-expressions.ts';
import { replays } from './rows/replays.ts';
import { secrets } from './rows/secrets.ts';
import { signatures } from './rows/signatures.ts';
import { slowClients } from './rows/slow-clients.ts';
import { tooLarge } from './rows/too-large.ts';
import { unknownConnections } from './rows/unknown-connections.ts';

/** All rows of the abuse matrix, in order. */
export const rows: readonly Row[] = [
  signatures,
  media,
  bodies,
  comparison,
  replays,
  tooLarge,
  slowClients,
  json,
  unknownConnections,
  addresses,
  logLines,
  metrics,
  anonymous,
  crossSite,
  secrets,
  redisKeys,
  regularExpressions,
  framing,
]
  .flat()
  .toSorted((a, b) => a.row - b.row);
