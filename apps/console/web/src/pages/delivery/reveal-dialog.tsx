import { useRef } from 'react';
import { NoteDialog } from '../../ui/dialog.tsx';
import type { Reveal } from './use-delivery.ts';

interface RevealDialogProps {
  /** Label of the submit button. */
  readonly action: string;
  readonly reveal: Reveal;
  /** Must close the dialog. */
  readonly onRevealed: () => void;
  /** The user canceled. */
  readonly onClose: () => void;
}

/** Requires a note before personal data is shown. The audit log records it first. */
export function RevealDialog({ action, reveal, onRevealed, onClose }: RevealDialogProps) {
  const isRevealed = useRef(false);
  const confirm = async (note: string) => {
    await reveal.reveal(note);
    isRevealed.current = true;
    onRevealed();
  };
  return (
    <NoteDialog
      title="Reveal body"
      action={action}
      onConfirm={confirm}
      onClose={() => {
        if (!isRevealed.current) onClose();
      }}
    >
      <p>
        The body may contain personal data. The audit log records your name, the time and the note. This page
        discards the body when you leave it.
      </p>
    </NoteDialog>
  );
}
