import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Replay } from '../../api/answers.ts';
import { ask } from '../../api/ask.ts';
import { useIsOperator } from '../../api/use-me.ts';
import { NoteDialog } from '../../parts/note-dialog.tsx';
import { formatCount } from '../../view/format.ts';
import { replayKey } from './use-replay.ts';

type Action = 'pause' | 'resume' | 'cancel';

const NAMES: Readonly<Record<Action, string>> = {
  pause: 'Pause the replay',
  resume: 'Resume the replay',
  cancel: 'Cancel the replay',
};

/** What an operator can do with a replay that is not over. */
export function ReplayActions({ replay }: { readonly replay: Replay }) {
  const { id, state, planned, replayed } = replay;
  const client = useQueryClient();
  const [action, act] = useState<Action>();
  const isOperator = useIsOperator();
  if (!isOperator || state === 'done' || state === 'cancelled') return null;
  const change = async (note: string) => {
    const changed = await ask<Replay>(`/replays/${id}/${action}`, { method: 'POST', body: { note } });
    client.setQueryData(replayKey(id), changed);
  };
  return (
    <div className="row">
      {state === 'running' && (
        <button type="button" onClick={() => act('pause')}>
          Pause …
        </button>
      )}
      {state === 'paused' && (
        <button type="button" className="primary" onClick={() => act('resume')}>
          Resume …
        </button>
      )}
      <button type="button" className="danger" onClick={() => act('cancel')}>
        Cancel …
      </button>
      {action && (
        <NoteDialog
          title={NAMES[action]}
          action={NAMES[action]}
          isDangerous={action === 'cancel'}
          onConfirm={change}
          onClose={() => act(undefined)}
        >
          <p>{consequence(action, Math.max(0, planned - replayed))}</p>
        </NoteDialog>
      )}
    </div>
  );
}

function consequence(action: Action, left: number): string {
  switch (action) {
    case 'pause':
      return `Nothing more is put back until it is resumed; ${formatCount(left)} are left. What is on its way goes on.`;
    case 'resume':
      return `It goes on with the ${formatCount(left)} that are left, and is judged by what comes after.`;
    case 'cancel':
      return `The ${formatCount(left)} that are left stay dead, and the replay cannot be resumed. What is on its way goes on.`;
  }
}
