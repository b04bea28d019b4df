import { type ReactNode, useId, useState } from 'react';
import { Dialog } from './dialog.tsx';
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
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const field = useId();
  const confirm = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await onConfirm(note.trim());
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void confirm();
        }}
      >
        {children}
        <label htmlFor={field}>Why, for the audit log</label>
        <input
          id={field}
          value={note}
          onChange={(event) => setNote(event.target.value)}
          maxLength={500}
          required
          autoFocus
        />
        <Trouble error={error} />
        <div className="row end">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            className={isDangerous ? 'danger' : 'primary'}
            disabled={isBusy || note.trim() === ''}
          >
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
