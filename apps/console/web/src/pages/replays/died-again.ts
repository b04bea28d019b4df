import type { Replay } from '../../api/answers.ts';
import { queryOf } from '../../api/ask.ts';

/** Ids that an address has room for. */
const MAX_IDS = 20;

/** What a dead letter keeps when it dies again; its reason and its words may be others. */
const KEPT = ['connection', 'source', 'topic', 'event'] as const;

/** The address of what a replay put back and what died again since; of those that fit its filter, near enough. */
export function diedAgain({ filter, createdAt }: Replay): string {
  const kept = KEPT.map((name) => [name, filter[name]] as const).filter(
    ([, value]) => typeof value === 'string',
  );
  const ids = Array.isArray(filter.ids) && filter.ids.length <= MAX_IDS ? filter.ids.map(String) : [];
  const query = { ...(Object.fromEntries(kept) as Record<string, string>), id: ids, from: createdAt };
  return `/dead-letters${queryOf(query)}`;
}
