import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { planQuery, useForgetLetters } from '../../api/queries.ts';
import { ask } from '../../api/request.ts';
import type { Trial } from '../../api/types.ts';
import { describeFilter, type Filter, selectionOf } from '../../model/filter.ts';
import { countOf, formatCount } from '../../model/format.ts';
import { nameOfReason } from '../../model/labels.ts';
import { Dialog, NoteDialog } from '../../ui/dialog.tsx';
import { Badge, Loading, Trouble } from '../../ui/elements.tsx';
import { ReplayDialog } from '../replays/replay-dialog.tsx';

/** What somebody is about to do, to which dead letters. */
export interface Acting {
  readonly action: 'replay' | 'try' | 'discard' | 'restore';
  readonly filter: Filter;
}

interface ActionDialogProps {
  readonly acting: Acting;
  /** Told what was done, in words. */
  readonly onDone: (text: string) => void;
  readonly onClose: () => void;
}

/** Asks, with the numbers, before anything is done to dead letters. */
export function ActionDialog({ acting: { action, filter }, onDone, onClose }: ActionDialogProps) {
  switch (action) {
    case 'replay':
      return <ReplayDialog filter={filter} onClose={onClose} />;
    case 'try':
      return <TryDialog filter={filter} onClose={onClose} />;
    case 'discard':
      return <DiscardDialog filter={filter} onDone={onDone} onClose={onClose} />;
    case 'restore':
      return <RestoreDialog filter={filter} onDone={onDone} onClose={onClose} />;
  }
}

type Changing = Omit<ActionDialogProps, 'acting'> & { readonly filter: Filter };

function DiscardDialog({ filter, onDone, onClose }: Changing) {
  const forget = useForgetLetters();
  const plan = useQuery(planQuery(filter));
  const size = plan.data ? countOf(plan.data.count, 'dead letter') : '…';
  const discard = async (note: string) => {
    const body = { ...selectionOf(filter), note };
    const { discarded } = await ask<{ discarded: number }>('/dead-letters/discard', { method: 'POST', body });
    forget();
    onDone(
      `${countOf(discarded, 'dead letter')} discarded. For a day that can be undone, under “discarded”.`,
    );
  };
  return (
    <NoteDialog
      title="Discard dead letters"
      action={`Discard ${size}`}
      isDangerous
      onConfirm={discard}
      onClose={onClose}
    >
      <p>
        <strong>{size}</strong>: {describeFilter(filter)}. They become no event. For a day they can be
        restored, then they are gone.
      </p>
    </NoteDialog>
  );
}

function RestoreDialog({ filter, onDone, onClose }: Changing) {
  const forget = useForgetLetters();
  const restore = async (note: string) => {
    const body = { ...selectionOf(filter), note };
    const { restored } = await ask<{ restored: number }>('/dead-letters/restore', { method: 'POST', body });
    forget();
    onDone(`${countOf(restored, 'dead letter')} restored.`);
  };
  const which = Object.keys(filter).length > 0 ? describeFilter(filter) : 'all that are discarded';
  return (
    <NoteDialog title="Restore what was discarded" action="Restore" onConfirm={restore} onClose={onClose}>
      <p>
        Which: <strong>{which}</strong>. They are dead again as they were, and can then be replayed from{' '}
        <Link href="/dead-letters">the dead letters</Link>.
      </p>
    </NoteDialog>
  );
}

/** Dead letters that are tried at most, the newest. */
const LIMIT = 1_000;

/** Tells what today's mappers make of dead letters. Nothing is sent. */
function TryDialog({ filter, onClose }: { readonly filter: Filter; readonly onClose: () => void }) {
  const trial = useQuery({
    queryKey: ['trial', filter],
    queryFn: ({ signal }) =>
      ask<Trial>('/dead-letters/dry-run', { method: 'POST', body: { filter, limit: LIMIT }, signal }),
    staleTime: 0,
    gcTime: 0,
  });
  return (
    <Dialog title="Try today’s mappers" onClose={onClose} wide>
      <p>
        Of <strong>{describeFilter(filter)}</strong>, the newest {formatCount(LIMIT)} at most. Nothing is
        sent.
      </p>
      {trial.isPending && <Loading />}
      <Trouble error={trial.error} />
      {trial.data && <Result trial={trial.data} />}
      <div className="row end">
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

function Result({ trial: { succeed, fail, duties, become, die } }: { readonly trial: Trial }) {
  return (
    <div aria-live="polite">
      <p className="row">
        <Badge tone="good">{formatCount(succeed)} would succeed</Badge>
        <Badge tone={fail > 0 ? 'bad' : 'quiet'}>{formatCount(fail)} would die again</Badge>
        {duties > 0 && (
          <span className="quiet">{formatCount(duties)} of those that succeed become no event</span>
        )}
      </p>
      <ul className="plain-list">
        {become.map(({ event, count, example }) => (
          <li key={event}>
            <strong>{formatCount(count)}</strong> become <code>{event}</code>,{' '}
            <Link href={`/deliveries/${example.id}`}>for example this</Link>
            <details>
              <summary>Its payload, personal data masked</summary>
              <pre>{JSON.stringify(example.payload, null, 2)}</pre>
            </details>
          </li>
        ))}
        {die.map(({ reason, connection, topic, message, count, example }) => (
          <li key={example}>
            <strong>{formatCount(count)}</strong> of {connection} {topic} die: {nameOfReason(reason)}.{' '}
            {message}, <Link href={`/deliveries/${example}`}>for example this</Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
