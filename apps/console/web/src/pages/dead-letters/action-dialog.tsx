import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { replayPlanQuery, useInvalidateDeadLetters } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import type { DryRunResult } from '../../api/types.ts';
import { describeFilter, type Filter, selectionOf } from '../../model/filter.ts';
import { formatCount, formatPlural } from '../../model/format.ts';
import { reasonLabel } from '../../model/labels.ts';
import { Dialog, NoteDialog } from '../../ui/dialog.tsx';
import { Badge, ErrorMessage, Loading } from '../../ui/elements.tsx';
import { ReplayDialog } from '../replays/replay-dialog.tsx';

/** An action on selected dead letters that the user has yet to confirm. */
export interface PendingAction {
  readonly action: 'replay' | 'dry-run' | 'discard' | 'restore';
  readonly filter: Filter;
}

interface ActionDialogProps {
  readonly pending: PendingAction;
  /** Takes a sentence that describes the result. */
  readonly onDone: (text: string) => void;
  readonly onClose: () => void;
}

/** The dialog of an action on dead letters. It shows the number of affected dead letters first. */
export function ActionDialog({ pending: { action, filter }, onDone, onClose }: ActionDialogProps) {
  switch (action) {
    case 'replay':
      return <ReplayDialog filter={filter} onClose={onClose} />;
    case 'dry-run':
      return <DryRunDialog filter={filter} onClose={onClose} />;
    case 'discard':
      return <DiscardDialog filter={filter} onDone={onDone} onClose={onClose} />;
    case 'restore':
      return <RestoreDialog filter={filter} onDone={onDone} onClose={onClose} />;
  }
}

type ChangeDialogProps = Omit<ActionDialogProps, 'pending'> & { readonly filter: Filter };

function DiscardDialog({ filter, onDone, onClose }: ChangeDialogProps) {
  const invalidate = useInvalidateDeadLetters();
  const plan = useQuery(replayPlanQuery(filter));
  const count = plan.data ? formatPlural(plan.data.count, 'dead letter') : '…';
  const discard = async (note: string) => {
    const body = { ...selectionOf(filter), note };
    const { discarded } = await request<{ discarded: number }>('/dead-letters/discard', {
      method: 'POST',
      body,
    });
    invalidate();
    onDone(
      `${formatPlural(discarded, 'dead letter')} discarded. You can restore them for one day: select status “discarded”.`,
    );
  };
  return (
    <NoteDialog
      title="Discard dead letters"
      action={`Discard ${count}`}
      isDangerous
      onConfirm={discard}
      onClose={onClose}
    >
      <p>
        <strong>{count}</strong>: {describeFilter(filter)}. Discarded dead letters create no events. You can
        restore them for one day; then they are deleted.
      </p>
    </NoteDialog>
  );
}

function RestoreDialog({ filter, onDone, onClose }: ChangeDialogProps) {
  const invalidate = useInvalidateDeadLetters();
  const restore = async (note: string) => {
    const body = { ...selectionOf(filter), note };
    const { restored } = await request<{ restored: number }>('/dead-letters/restore', {
      method: 'POST',
      body,
    });
    invalidate();
    onDone(`${formatPlural(restored, 'dead letter')} restored.`);
  };
  const selection = Object.keys(filter).length > 0 ? describeFilter(filter) : 'all discarded dead letters';
  return (
    <NoteDialog title="Restore discarded dead letters" action="Restore" onConfirm={restore} onClose={onClose}>
      <p>
        Selection: <strong>{selection}</strong>. Restored deliveries are{' '}
        <Link href="/dead-letters">dead letters</Link> again and can be replayed.
      </p>
    </NoteDialog>
  );
}

/** Maximum number of dead letters of a dry run, the newest first. */
const LIMIT = 1_000;

/** Runs the current mappers over dead letters without sending anything. */
function DryRunDialog({ filter, onClose }: { readonly filter: Filter; readonly onClose: () => void }) {
  const dryRun = useQuery({
    queryKey: ['dry-run', filter],
    queryFn: ({ signal }) =>
      request<DryRunResult>('/dead-letters/dry-run', {
        method: 'POST',
        body: { filter, limit: LIMIT },
        signal,
      }),
    staleTime: 0,
    gcTime: 0,
  });
  return (
    <Dialog title="Dry run" onClose={onClose} wide>
      <p>
        Runs the current mappers without sending anything. Selection:{' '}
        <strong>{describeFilter(filter)}</strong>, up to the newest {formatCount(LIMIT)}.
      </p>
      {dryRun.isPending && <Loading />}
      <ErrorMessage error={dryRun.error} />
      {dryRun.data && <DryRunSummary result={dryRun.data} />}
      <div className="row end">
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

function DryRunSummary({
  result: { succeed, fail, duties, become, die },
}: {
  readonly result: DryRunResult;
}) {
  return (
    <div aria-live="polite">
      <p className="row">
        <Badge tone="good">{formatCount(succeed)} would succeed</Badge>
        <Badge tone={fail > 0 ? 'bad' : 'neutral'}>{formatCount(fail)} would fail again</Badge>
        {duties > 0 && (
          <span className="muted">
            {formatPlural(duties, 'compliance request or forward', 'compliance requests or forwards')} among
            them, without an event
          </span>
        )}
      </p>
      <ul className="plain-list">
        {become.map(({ event, count, leftOut, example }) => (
          <li key={event}>
            <strong>{formatCount(count)}</strong> × <code>{event}</code>
            {leftOut > 0 && `, ${formatCount(leftOut)} without the full body`}{' '}
            <Link href={`/deliveries/${example.id}`}>View example</Link>
            <details>
              <summary>Payload of the example, personal data masked</summary>
              <pre>{JSON.stringify(example.payload, null, 2)}</pre>
            </details>
          </li>
        ))}
        {die.map(({ reason, connection, topic, message, count, example }) => (
          <li key={example}>
            <strong>{formatCount(count)}</strong> × {connection} {topic}: {reasonLabel(reason)}, {message}{' '}
            <Link href={`/deliveries/${example}`}>View example</Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
