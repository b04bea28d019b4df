import { useQuery } from '@tanstack/react-query';
import { useId, useRef, useState } from 'react';
import { request } from '../../api/request.ts';
import type { EditResult } from '../../api/types.ts';
import { type JsonSyntaxError, parseJson } from '../../model/json-text.ts';
import { Badge, ErrorMessage, IssueList } from '../../ui/elements.tsx';
import { useDebounced } from '../../ui/hooks.ts';

interface JsonEditorProps {
  readonly text: string;
  readonly onChange: (text: string) => void;
  readonly validation: Validation;
}

/** A text area for JSON with the result of the validation below. */
export function JsonEditor({ text, onChange, validation }: JsonEditorProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const [caret, setCaret] = useState(0);
  const ids = { field: useId(), status: useId() };
  const goTo = (offset: number) => {
    const field = area.current;
    if (!field) return;
    field.focus();
    field.setSelectionRange(offset, Math.min(text.length, offset + 1));
    // Browsers do not scroll to a caret that a script has moved.
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
        aria-describedby={ids.status}
        aria-invalid={validation.state === 'syntax-error' || validation.state === 'rejected'}
        onChange={({ target }) => onChange(target.value)}
        onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart)}
      />
      <div className="row spread editor-foot">
        <div id={ids.status} aria-live="polite" className="row">
          <ValidationStatus validation={validation} onGoTo={goTo} />
        </div>
        <span className="muted">
          Line {before.length}, column {(before.at(-1)?.length ?? 0) + 1}
        </span>
      </div>
    </>
  );
}

interface ValidationStatusProps {
  readonly validation: Validation;
  readonly onGoTo: (offset: number) => void;
}

function ValidationStatus({ validation, onGoTo }: ValidationStatusProps) {
  switch (validation.state) {
    case 'syntax-error': {
      const { line, column, message, offset } = validation.error;
      return (
        <>
          <Badge tone="bad">invalid JSON</Badge>
          <span>
            Line {line}, column {column}: {message}
          </span>
          <button type="button" className="plain" onClick={() => onGoTo(offset)}>
            Go to error
          </button>
        </>
      );
    }
    case 'validating':
      return <span className="muted">Validating…</span>;
    case 'valid':
      return (
        <>
          <Badge tone="good">valid</Badge> The current mapper accepts the body.
        </>
      );
    case 'rejected':
      return (
        <>
          <Badge tone="bad">rejected</Badge> <span>{validation.message}</span>
          <IssueList issues={validation.issues} />
        </>
      );
    case 'failed':
      return <ErrorMessage error={validation.error} />;
  }
}

/** Message for a delivery that was replayed, restored or deleted in the meantime. */
export const NOT_DEAD = 'The delivery is no longer a dead letter.';

type Issues = NonNullable<EditResult['refusals'][number]['issues']>;

/** Result of the validation of an edited body. `failed`: the request for it failed. */
export type Validation =
  | { readonly state: 'syntax-error'; readonly error: JsonSyntaxError }
  | { readonly state: 'validating' }
  | { readonly state: 'valid' }
  | { readonly state: 'rejected'; readonly message: string; readonly issues: Issues }
  | { readonly state: 'failed'; readonly error: unknown };

/** Milliseconds between the last key and the validation by the console. */
const DEBOUNCE_MS = 400;

/** Validates an edited body: the JSON syntax locally, the current mapper at the console. */
export function useValidation(id: string, text: string): Validation {
  const stable = useDebounced(text, DEBOUNCE_MS);
  const parsed = parseJson(text);
  const { data, error, isPending } = useQuery({
    queryKey: ['validation', id, stable],
    queryFn: ({ signal }) => {
      const body = { id, body: stable, note: 'validation', dryRun: true };
      return request<EditResult>('/dead-letters/edit', { method: 'POST', body, signal });
    },
    enabled: parsed.ok && stable === text,
    gcTime: 0,
    retry: false,
  });
  if (!parsed.ok) return { state: 'syntax-error', error: parsed.error };
  if (stable !== text || isPending) return { state: 'validating' };
  if (error) return { state: 'failed', error };
  if (data.edited.length > 0) return { state: 'valid' };
  const { why, issues = [] } = data.refusals[0] ?? { why: NOT_DEAD };
  return { state: 'rejected', message: why, issues };
}
