import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { EditSummary, Replay } from '../../api/answers.ts';
import { ask } from '../../api/ask.ts';
import { NoteField } from '../../parts/note-field.tsx';
import { Trouble } from '../../parts/trouble.tsx';
import { LineDiff } from './line-diff.tsx';
import { deliveryKey } from './use-delivery.ts';

interface ConfirmEditProps {
  readonly id: string;
  /** Both with a line for each value. */
  readonly before: string;
  readonly after: string;
  /** What is sent. */
  readonly text: string;
  readonly onBack: () => void;
  readonly onDone: () => void;
}

/** Shows what an edit changes, and asks why; then it is edited, put back, and watched. */
export function ConfirmEdit({ id, before, after, text, onBack, onDone }: ConfirmEditProps) {
  const client = useQueryClient();
  const [, go] = useLocation();
  const [note, setNote] = useState('');
  const send = useMutation({
    mutationFn: () => editAndReplay(id, text, note.trim()),
    onSuccess: (replay) => {
      void client.invalidateQueries({ queryKey: deliveryKey(id) });
      void client.invalidateQueries({ queryKey: ['dead-letters'] });
      onDone();
      go(`/replays/${replay.id}`);
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send.mutate();
      }}
    >
      <LineDiff before={before} after={after} />
      <NoteField note={note} onChange={setNote} />
      <Trouble error={send.error} />
      <div className="row end">
        <button type="button" onClick={onBack}>
          Back to the editor
        </button>
        <button type="submit" className="primary" disabled={send.isPending || note.trim() === ''}>
          Edit and replay
        </button>
      </div>
    </form>
  );
}

async function editAndReplay(id: string, body: string, note: string): Promise<Replay> {
  const asked = { id, body, note };
  const { edited, refusals } = await ask<EditSummary>('/dead-letters/edit', { method: 'POST', body: asked });
  if (edited.length === 0)
    throw new Error(`It was not edited: ${refusals[0]?.why ?? 'it is not dead any more'}`);
  return ask<Replay>('/replays', { method: 'POST', body: { filter: { ids: [id] }, note } });
}
