import { AUDIT_LINES } from '../keys.ts';
import { OTHER_GROUP } from '../records/failure.ts';
import { type LuaScript, luaScript } from '../redis/scripts.ts';
import { LUA_LAYOUT } from './layout.ts';

/**
 * Actions of an operator, the retention sweep or the status sweep on deliveries that have ended. Each script documents
 * its arguments and result.
 */
export type Transition = 'discard' | 'restore' | 'purge' | 'edit' | 'import' | 'statuses' | 'trim';

const transition = (name: Transition): LuaScript =>
  luaScript(import.meta.url, `./lua/${name}.lua`, {
    keys: 3,
    constants: { ...LUA_LAYOUT, GROUP_OTHER: OTHER_GROUP, AUDIT_LINES },
  });

export const TRANSITIONS: Readonly<Record<Transition, LuaScript>> = {
  discard: transition('discard'),
  restore: transition('restore'),
  purge: transition('purge'),
  edit: transition('edit'),
  import: transition('import'),
  statuses: transition('statuses'),
  trim: transition('trim'),
};
