import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { ErrorMessage } from './elements.tsx';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  /** For editors and comparisons. */
  readonly wide?: boolean;
  readonly children: ReactNode;
}

/** A modal dialog. It traps the focus, closes with Escape and then restores the focus. */
export function Dialog({ title, onClose, wide = false, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    const previous = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (previous instanceof HTMLElement) previous.focus();
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
  /** Label of the submit button, for example `Pause acme`. */
  readonly action: string;
  readonly isDangerous?: boolean;
  readonly cancelLabel?: string;
  /** The consequences, with numbers. */
  readonly children?: ReactNode;
  /** Performs the action. The dialog closes on success and shows the error otherwise. */
  readonly onConfirm: (note: string) => Promise<unknown>;
  readonly onClose: () => void;
}

/** A dialog that requires a note for the audit log before an action. */
export function NoteDialog({ title, onConfirm, onClose, ...form }: NoteDialogProps) {
  const mutation = useMutation({ mutationFn: (note: string) => onConfirm(note), onSuccess: onClose });
  return (
    <Dialog title={title} onClose={onClose}>
      <NoteForm {...form} mutation={mutation} onCancel={onClose} />
    </Dialog>
  );
}

interface NoteFormProps {
  /** Label of the submit button, for example `Pause acme`. */
  readonly action: string;
  readonly isDangerous?: boolean;
  /** Disables the submit button, for example without any selected item. */
  readonly isBlocked?: boolean;
  /** The consequences, with numbers; above the note. */
  readonly children?: ReactNode;
  /** Further fields, below the note. */
  readonly fields?: ReactNode;
  /** The action, which takes the note. */
  readonly mutation: {
    readonly mutate: (note: string) => void;
    readonly isPending: boolean;
    readonly error: unknown;
  };
  /** Label of the cancel button. */
  readonly cancelLabel?: string;
  readonly onCancel: () => void;
}

/** A form that requires a note for the audit log. */
export function NoteForm({
  action,
  isDangerous = false,
  isBlocked = false,
  children,
  fields,
  mutation,
  cancelLabel = 'Cancel',
  onCancel,
}: NoteFormProps) {
  const [text, setText] = useState('');
  const note = text.trim();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        mutation.mutate(note);
      }}
    >
      {children}
      <NoteField note={text} onChange={setText} />
      {fields}
      <ErrorMessage error={mutation.error} />
      <div className="row end">
        <button type="button" onClick={onCancel}>
          {cancelLabel}
        </button>
        <button
          type="submit"
          className={isDangerous ? 'danger' : 'primary'}
          disabled={mutation.isPending || isBlocked || note === ''}
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

/** The note of an action. */
function NoteField({ note, onChange }: NoteFieldProps) {
  const field = useId();
  return (
    <>
      <label htmlFor={field}>Note for the audit log</label>
      <input
        id={field}
        value={note}
        onChange={({ target }) => onChange(target.value)}
        maxLength={500}
        required
        // biome-ignore lint/a11y/noAutofocus: the required field of the dialog.
        autoFocus
      />
    </>
  );
}
