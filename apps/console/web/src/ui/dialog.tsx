import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { Trouble } from './elements.tsx';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  /** Wide ones are for what is compared side by side. */
  readonly wide?: boolean;
  readonly children: ReactNode;
}

/** A dialog above the page: keeps the focus, closes with Escape, and gives the focus back. */
export function Dialog({ title, onClose, wide = false, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const shown = dialog.current;
    const before = document.activeElement;
    shown?.showModal();
    return () => {
      shown?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={wide ? 'wide' : undefined}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}

interface NoteDialogProps {
  readonly title: string;
  /** What the button says, e.g. `Hold acme`. */
  readonly action: string;
  readonly isDangerous?: boolean;
  /** What will happen, with its numbers. */
  readonly children?: ReactNode;
  /** Does it; the dialog closes when it is done, and tells when it failed. */
  readonly onConfirm: (note: string) => Promise<unknown>;
  readonly onClose: () => void;
}

/** Asks why, for the audit line, before something is done. */
export function NoteDialog({ title, onConfirm, onClose, ...form }: NoteDialogProps) {
  const doing = useMutation({ mutationFn: (note: string) => onConfirm(note), onSuccess: onClose });
  return (
    <Dialog title={title} onClose={onClose}>
      <NoteForm {...form} doing={doing} onCancel={onClose} />
    </Dialog>
  );
}

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

interface NoteFieldProps {
  readonly note: string;
  readonly onChange: (note: string) => void;
}

/** Asks why something is done. It has the focus when it comes, for nothing is done without it. */
function NoteField({ note, onChange }: NoteFieldProps) {
  const field = useId();
  return (
    <>
      <label htmlFor={field}>Why, for the audit log</label>
      <input
        id={field}
        value={note}
        onChange={({ target }) => onChange(target.value)}
        maxLength={500}
        required
        // biome-ignore lint/a11y/noAutofocus: the field that has to be filled, where the focus belongs.
        autoFocus
      />
    </>
  );
}
