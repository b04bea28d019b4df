import { LUA_LAYOUT } from '../bullmq/layout.ts';
import { BLOOM_FILTER_LUA } from '../records/bloom-filter.ts';
import { OTHER_GROUP } from '../records/failure.ts';
import { luaScript, readLua } from '../redis/scripts.ts';

const constants = { ...LUA_LAYOUT, ...BLOOM_FILTER_LUA, GROUP_OTHER: OTHER_GROUP };

const SEARCH_SET_SCRIPT = luaScript(import.meta.url, './lua/search-set.lua', { keys: 2, constants });
const SEARCH_IDS_SCRIPT = luaScript(import.meta.url, './lua/search-ids.lua', { keys: 1, constants });

/** Return the Lua of the scripts, for `eval`. */
export const searchSetLua = (): string => readLua(SEARCH_SET_SCRIPT);
export const searchIdsLua = (): string => readLua(SEARCH_IDS_SCRIPT);

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
