import { LUA_LAYOUT } from '../bullmq/layout.ts';
import { BLOOM_FILTER_LUA } from '../records/bloom-filter.ts';
import { OTHER_GROUP } from '../records/failure.ts';
import { luaScript } from '../redis/scripts.ts';

const constants = { ...LUA_LAYOUT, ...BLOOM_FILTER_LUA, GROUP_OTHER: OTHER_GROUP };

/** Searches a set of dead letters from a position on. */
export const SEARCH_SET = luaScript(import.meta.url, './lua/search-set.lua', { keys: 2, constants });
/** Searches given deliveries, in their order. */
export const SEARCH_IDS = luaScript(import.meta.url, './lua/search-ids.lua', { keys: 1, constants });

/** Budget of one script, in looks at stored failures: about 2 ms, which is what an enqueue may wait for it. */
export const BUDGET = 600;

/** A dead letter that matches, as a script returns it. */
export type DeadLetterRow = readonly [
  id: string,
  connection: string,
  /** Empty if the failed reason is all of it. */
  failure: string,
  failedReason: string,
  topic: string,
  receivedAt: string,
  finishedAt: string,
  attempts: string,
  /** Score in the searched set. */
  score: string,
];
