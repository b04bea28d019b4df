import { useQuery } from '@tanstack/react-query';
import type { EditSummary } from '../../api/answers.ts';
import { ask } from '../../api/ask.ts';
import { type JsonMistake, readJson } from '../../view/json-text.ts';
import { useDebounced } from '../../view/use-debounced.ts';

type Refusal = EditSummary['refusals'][number];

/** How the body would do that somebody is typing. */
export type DryRun =
  | { readonly state: 'mistaken'; readonly mistake: JsonMistake }
  | { readonly state: 'checking' }
  | { readonly state: 'fits' }
  | { readonly state: 'refused'; readonly why: string; readonly issues: NonNullable<Refusal['issues']> }
  | { readonly state: 'trouble'; readonly error: unknown };

/** Milliseconds without a key before the console is asked. */
const PAUSE = 400;

/** Tries what is typed: whether it is JSON here, and whether today's mappers take it at the console. */
export function useDryRun(id: string, text: string): DryRun {
  const settled = useDebounced(text, PAUSE);
  const reading = readJson(text);
  const asked = useQuery({
    queryKey: ['dry-run', id, settled],
    queryFn: ({ signal }) => {
      const body = { id, body: settled, note: 'as it is typed', dryRun: true };
      return ask<EditSummary>('/dead-letters/edit', { method: 'POST', body, signal });
    },
    enabled: reading.ok && settled === text,
    gcTime: 0,
    retry: false,
  });
  if (!reading.ok) return { state: 'mistaken', mistake: reading.mistake };
  if (settled !== text || asked.isPending) return { state: 'checking' };
  if (asked.isError) return { state: 'trouble', error: asked.error };
  if (asked.data.edited.length > 0) return { state: 'fits' };
  const { why, issues = [] } = asked.data.refusals[0] ?? { why: 'it is not dead any more' };
  return { state: 'refused', why, issues };
}
