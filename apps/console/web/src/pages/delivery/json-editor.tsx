import { useId, useRef, useState } from 'react';
import { Badge } from '../../parts/badge.tsx';
import { Issues } from '../../parts/issues.tsx';
import { Trouble } from '../../parts/trouble.tsx';
import type { DryRun } from './use-dry-run.ts';

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
