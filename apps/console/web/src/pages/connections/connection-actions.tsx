import { useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { Link } from 'wouter';
import { ask } from '../../api/request.ts';
import type { Connection, TestAnswer } from '../../api/types.ts';
import { formatCount } from '../../model/format.ts';
import { NoteDialog } from '../../ui/dialog.tsx';

/** Holds a connection, or releases it. */
export function HoldButton({ connection: { id, hold, source } }: { readonly connection: Connection }) {
  const [isOpen, setOpen] = useState(false);
  const client = useQueryClient();
  const action = hold ? 'resume' : 'pause';
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

/** Sends a signed sample to ingest as the platform would: it becomes an event of the bot. */
export function SendTest({ connection: { id, samples } }: { readonly connection: Connection }) {
  const [isOpen, setOpen] = useState(false);
  const [topic, setTopic] = useState(samples[0] ?? '');
  const [answer, setAnswer] = useState<TestAnswer>();
  const field = useId();
  const send = async (note: string) => {
    const body = { note, ...(topic ? { topic } : {}) };
    setAnswer(await ask<TestAnswer>(`/connections/${id}/test`, { method: 'POST', body }));
  };
  return (
    <>
      {answer && <Told answer={answer} />}
      <button type="button" onClick={() => setOpen(true)}>
        Send {id} a test
      </button>
      {isOpen && (
        <NoteDialog
          title={`Send ${id} a test?`}
          action="Send the test"
          onConfirm={send}
          onClose={() => setOpen(false)}
        >
          <p>
            A made-up webhook, signed as the platform signs, goes to ingest. It becomes a real event of the
            bot.
          </p>
          <label htmlFor={field}>Topic</label>
          <select id={field} value={topic} onChange={(event) => setTopic(event.target.value)}>
            {samples.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </NoteDialog>
      )}
    </>
  );
}

function Told({ answer: { status, result, deliveries, ms } }: { readonly answer: TestAnswer }) {
  return (
    <span role="status">
      Ingest answered {status}
      {result && `, ${result},`} in {Math.round(ms)} ms:{' '}
      {deliveries.map((delivery) => (
        <Link key={delivery} href={`/deliveries/${delivery}`}>
          its delivery
        </Link>
      ))}
    </span>
  );
}
