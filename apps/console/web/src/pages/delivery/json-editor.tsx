import { useQuery } from '@tanstack/react-query';
import { useId, useRef, useState } from 'react';
import { ask } from '../../api/request.ts';
import type { EditSummary } from '../../api/types.ts';
import { type JsonMistake, readJson } from '../../model/json-text.ts';
import { Badge, Issues, Trouble } from '../../ui/elements.tsx';
import { useDebounced } from '../../ui/hooks.ts';

interface JsonEditorProps {
  readonly text: string;
  readonly onChange: (text: string) => void;
  readonly dryRun: DryRun;
}

/** A text of JSON to type in, and under it what is wrong with it. */
export function JsonEditor({ text, onChange, dryRun }: JsonEditorProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const [caret, setCaret] = useState(0);
  const ids = { field: useId(), told: useId() };
  const goTo = (offset: number) => {
    const field = area.current;
    if (!field) return;
    field.focus();
    field.setSelectionRange(offset, Math.min(text.length, offset + 1));
    // Browsers show the caret when somebody types, but not when a page moves it.
    const line = text.slice(0, offset).split('\n').length;
    const lines = text.split('\n').length;
    field.scrollTop = (line / lines) * field.scrollHeight - field.clientHeight / 2;
  };
  const before = text.slice(0, caret).split('\n');
  return (
    <>
      <label htmlFor={ids.field}>Body</label>
      <textarea
        id={ids.field}
        ref={area}
        className="json-editor"
        rows={20}
        value={text}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        wrap="off"
        aria-describedby={ids.told}
        aria-invalid={dryRun.state === 'mistaken' || dryRun.state === 'refused'}
        onChange={({ target }) => onChange(target.value)}
        onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart)}
      />
      <div className="row spread editor-foot">
        <div id={ids.told} aria-live="polite" className="row">
          <Verdict dryRun={dryRun} onGo={goTo} />
        </div>
        <span className="quiet">
          Line {before.length}, column {(before.at(-1)?.length ?? 0) + 1}
        </span>
      </div>
    </>
  );
}

function Verdict({ dryRun, onGo }: { readonly dryRun: DryRun; readonly onGo: (offset: number) => void }) {
  switch (dryRun.state) {
    case 'mistaken': {
      const { line, column, message, offset } = dryRun.mistake;
      return (
        <>
          <Badge tone="bad">no JSON</Badge>
          <span>
            Line {line}, column {column}: {message}
          </span>
          <button type="button" className="plain" onClick={() => onGo(offset)}>
            Go there
          </button>
        </>
      );
    }
    case 'checking':
      return <span className="quiet">Trying today’s mapper …</span>;
    case 'fits':
      return (
        <>
          <Badge tone="good">fits</Badge> Today’s mapper takes it.
        </>
      );
    case 'refused':
      return (
        <>
          <Badge tone="bad">refused</Badge> <span>{dryRun.why}</span>
          <Issues all={dryRun.issues} />
        </>
      );
    case 'trouble':
      return <Trouble error={dryRun.error} />;
  }
}

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
