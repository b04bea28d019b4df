import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Dialog } from './dialog.tsx';
import { NoteForm } from './note-form.tsx';

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
