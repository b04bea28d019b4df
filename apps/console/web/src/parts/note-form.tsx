import { type ReactNode, useState } from 'react';
import { NoteField } from './note-field.tsx';
import { Trouble } from './trouble.tsx';

interface NoteFormProps {
  /** What the button says, e.g. `Hold acme`. */
  readonly action: string;
  readonly isDangerous?: boolean;
  /** There is nothing that it could be done to. */
  readonly isBlocked?: boolean;
  /** What will happen, with its numbers; above the note. */
  readonly children?: ReactNode;
  /** What else is asked for; below the note. */
  readonly more?: ReactNode;
  /** What the button does, with the note: a mutation. */
  readonly doing: {
    readonly mutate: (note: string) => void;
    readonly isPending: boolean;
    readonly error: unknown;
  };
  /** What the other button says. */
  readonly cancel?: string;
  readonly onCancel: () => void;
}

/** Asks why, for the audit line, and does nothing before that is told. */
export function NoteForm({
  action,
  isDangerous = false,
  isBlocked = false,
  children,
  more,
  doing,
  cancel = 'Cancel',
  onCancel,
}: NoteFormProps) {
  const [text, setText] = useState('');
  const note = text.trim();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        doing.mutate(note);
      }}
    >
      {children}
      <NoteField note={text} onChange={setText} />
      {more}
      <Trouble error={doing.error} />
      <div className="row end">
        <button type="button" onClick={onCancel}>
          {cancel}
        </button>
        <button
          type="submit"
          className={isDangerous ? 'danger' : 'primary'}
          disabled={doing.isPending || isBlocked || note === ''}
        >
          {action}
        </button>
      </div>
    </form>
  );
}
