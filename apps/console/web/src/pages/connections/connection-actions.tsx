import { useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { Link } from 'wouter';
import { request } from '../../api/request.ts';
import type { Connection, TestResult } from '../../api/types.ts';
import { formatPlural } from '../../model/format.ts';
import { NoteDialog } from '../../ui/dialog.tsx';

/** Pauses or resumes a connection. */
export function PauseButton({ connection: { id, hold, source } }: { readonly connection: Connection }) {
  const [isOpen, setOpen] = useState(false);
  const client = useQueryClient();
  const action = hold ? 'resume' : 'pause';
  const label = hold ? `Resume ${id}` : `Pause ${id}`;
  if (!hold && !source) return null;
  const act = async (note: string) => {
    await request(`/connections/${id}/${action}`, { method: 'POST', body: { note } });
    await Promise.all([
      client.invalidateQueries({ queryKey: ['connections'] }),
      client.invalidateQueries({ queryKey: ['overview'] }),
    ]);
  };
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        {label}
      </button>
      {isOpen && (
        <NoteDialog title={`${label}?`} action={label} onConfirm={act} onClose={() => setOpen(false)}>
          <p>
            {hold
              ? `${formatPlural(hold.waiting, 'waiting delivery', 'waiting deliveries')} will be sent at the rate of the bot.`
              : 'Webhooks are still accepted. Their events are sent after the connection is resumed.'}
          </p>
        </NoteDialog>
      )}
    </>
  );
}

/** Sends a signed sample webhook to ingest. The bot receives its event. */
export function SendTestButton({ connection: { id, samples } }: { readonly connection: Connection }) {
  const [isOpen, setOpen] = useState(false);
  const [topic, setTopic] = useState(samples[0] ?? '');
  const [result, setResult] = useState<TestResult>();
  const field = useId();
  const send = async (note: string) => {
    const body = { note, ...(topic ? { topic } : {}) };
    setResult(await request<TestResult>(`/connections/${id}/test`, { method: 'POST', body }));
  };
  return (
    <>
      {result && <TestOutcome test={result} />}
      <button type="button" onClick={() => setOpen(true)}>
        Send test to {id}
      </button>
      {isOpen && (
        <NoteDialog
          title={`Send test to ${id}?`}
          action="Send test"
          onConfirm={send}
          onClose={() => setOpen(false)}
        >
          <p>Sends a signed sample webhook to ingest. The bot receives a real event.</p>
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

function TestOutcome({ test: { status, result, deliveries, ms } }: { readonly test: TestResult }) {
  return (
    <span role="status">
      Ingest responded with {status}
      {result && ` (${result})`} in {Math.round(ms)} ms{' '}
      {deliveries.map((delivery) => (
        <Link key={delivery} href={`/deliveries/${delivery}`}>
          View delivery
        </Link>
      ))}
    </span>
  );
}
