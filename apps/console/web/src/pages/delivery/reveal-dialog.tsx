import { useRef } from 'react';
import { NoteDialog } from '../../ui/dialog.tsx';
import type { Revealing } from './use-delivery.ts';

interface RevealDialogProps {
  /** What the button says. */
  readonly action: string;
  readonly revealing: Revealing;
  /** Goes on, and closes this. */
  readonly onRevealed: () => void;
  /** Nothing was revealed. */
  readonly onClose: () => void;
}

/** Asks why somebody wants to see personal data, which is written down before they see any. */
export function RevealDialog({ action, revealing, onRevealed, onClose }: RevealDialogProps) {
  const isRevealed = useRef(false);
  const reveal = async (note: string) => {
    await revealing.reveal(note);
    isRevealed.current = true;
    onRevealed();
  };
  return (
    <NoteDialog
      title="Reveal the exact body"
      action={action}
      onConfirm={reveal}
      onClose={() => {
        if (!isRevealed.current) onClose();
      }}
    >
      <p>
        It may hold personal data. That you have seen it, when and why, is written to the audit log first.
        This page forgets it when it is left.
      </p>
    </NoteDialog>
  );
}
