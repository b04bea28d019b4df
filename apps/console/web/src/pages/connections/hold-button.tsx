import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Connection } from '../../api/answers.ts';
import { ask } from '../../api/ask.ts';
import { NoteDialog } from '../../parts/note-dialog.tsx';
import { formatCount } from '../../view/format.ts';

/** Holds a connection, or releases it. */
export function HoldButton({ connection: { id, hold, source } }: { readonly connection: Connection }) {
  const [isOpen, setOpen] = useState(false);
  const client = useQueryClient();
  const action = hold ? 'release' : 'hold';
  const name = hold ? `Release ${id}` : `Hold ${id}`;
  if (!hold && !source) return null;
  const act = async (note: string) => {
    await ask(`/connections/${id}/${action}`, { method: 'POST', body: { note } });
    await Promise.all([
      client.invalidateQueries({ queryKey: ['connections'] }),
      client.invalidateQueries({ queryKey: ['overview'] }),
    ]);
  };
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        {name}
      </button>
      {isOpen && (
        <NoteDialog title={`${name}?`} action={name} onConfirm={act} onClose={() => setOpen(false)}>
          <p>
            {hold
              ? `${formatCount(hold.waiting)} that wait go to the bot at its pace.`
              : 'Webhooks are taken and kept as before; none becomes an event until the connection is released.'}
          </p>
        </NoteDialog>
      )}
    </>
  );
}
