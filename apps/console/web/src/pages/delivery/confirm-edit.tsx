import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import type { EditSummary, Replay } from '../../api/answers.ts';
import { ask } from '../../api/ask.ts';
import { NoteForm } from '../../parts/note-form.tsx';
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
  const send = useMutation({
    mutationFn: (note: string) => editAndReplay(id, text, note),
    onSuccess: (replay) => {
      void client.invalidateQueries({ queryKey: deliveryKey(id) });
      void client.invalidateQueries({ queryKey: ['dead-letters'] });
      onDone();
      go(`/replays/${replay.id}`);
    },
  });
  return (
    <NoteForm action="Edit and replay" doing={send} cancel="Back to the editor" onCancel={onBack}>
      <LineDiff before={before} after={after} />
    </NoteForm>
  );
}

async function editAndReplay(id: string, body: string, note: string): Promise<Replay> {
  const asked = { id, body, note };
  const { edited, refusals } = await ask<EditSummary>('/dead-letters/edit', { method: 'POST', body: asked });
  if (edited.length === 0)
    throw new Error(`It was not edited: ${refusals[0]?.why ?? 'it is not dead any more'}`);
  return ask<Replay>('/replays', { method: 'POST', body: { filter: { ids: [id] }, note } });
}
