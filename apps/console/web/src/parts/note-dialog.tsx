import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Dialog } from './dialog.tsx';
import { NoteField } from './note-field.tsx';
import { Trouble } from './trouble.tsx';

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
export function NoteDialog({ title, action, isDangerous, children, onConfirm, onClose }: NoteDialogProps) {
  const [note, setNote] = useState('');
  const confirm = useMutation({ mutationFn: () => onConfirm(note.trim()), onSuccess: onClose });
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          confirm.mutate();
        }}
      >
        {children}
        <NoteField note={note} onChange={setNote} />
        <Trouble error={confirm.error} />
        <div className="row end">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            className={isDangerous ? 'danger' : 'primary'}
            disabled={confirm.isPending || note.trim() === ''}
          >
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
