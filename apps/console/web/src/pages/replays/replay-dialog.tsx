import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useLocation } from 'wouter';
import { type RateLimit, replayPlanQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import type { Replay, ReplayPlan } from '../../api/types.ts';
import { describeFilter, type Filter, selectionOf } from '../../model/filter.ts';
import { formatCount, formatDuration, formatPlural } from '../../model/format.ts';
import { REASON_LABELS } from '../../model/labels.ts';
import { Dialog, NoteForm } from '../../ui/dialog.tsx';
import { ErrorMessage, Loading, TimeAgo } from '../../ui/elements.tsx';
import { useDebounced } from '../../ui/hooks.ts';

interface ReplayDialogProps {
  /** `{}`: all dead letters. */
  readonly filter: Filter;
  readonly onClose: () => void;
}

/** Shows the plan of a replay, starts the replay and opens it. */
export function ReplayDialog({ filter, onClose }: ReplayDialogProps) {
  const [rate, setRate] = useState('');
  const plan = useQuery({
    ...replayPlanQuery(filter, parseRateLimit(useDebounced(rate, 300))),
    placeholderData: keepPreviousData,
  });
  const [isConfirmed, setConfirmed] = useState(false);
  const { count = 0, secondEvents = 0 } = plan.data ?? {};
  const options = { ...selectionOf(filter), ...parseRateLimit(rate), secondEvents: isConfirmed };
  const mutation = useStartReplay(options, onClose);
  return (
    <Dialog title="Replay dead letters" onClose={onClose}>
      <NoteForm
        action={`Replay ${formatPlural(count, 'dead letter')}`}
        isBlocked={count === 0 || (secondEvents > 0 && !isConfirmed)}
        fields={
          <>
            <RateField rate={rate} onChange={setRate} />
            <SecondEventsField count={secondEvents} isConfirmed={isConfirmed} onChange={setConfirmed} />
          </>
        }
        mutation={mutation}
        onCancel={onClose}
      >
        <p>
          Selection: <strong>{describeFilter(filter)}</strong>. Replayed deliveries have lower priority than
          live traffic. Dead letters that appear later are not included.
        </p>
        <PlanSummary plan={plan.data} />
        <ErrorMessage error={plan.error} />
      </NoteForm>
    </Dialog>
  );
}

interface SecondEventsFieldProps {
  /** Dead letters that have an event already. */
  readonly count: number;
  readonly isConfirmed: boolean;
  readonly onChange: (isConfirmed: boolean) => void;
}

/** The warning that a replay creates second events, with its confirmation. Empty if it creates none. */
export function SecondEventsField({ count, isConfirmed, onChange }: SecondEventsFieldProps) {
  if (count === 0) return null;
  return (
    <p className="notice" role="alert">
      {formatPlural(count, 'dead letter')} with an event that the bot failed or ignored. The bot may have
      acted on it.{' '}
      <label>
        <input type="checkbox" checked={isConfirmed} onChange={({ target }) => onChange(target.checked)} />{' '}
        Create second events
      </label>
    </p>
  );
}

function RateField({ rate, onChange }: { readonly rate: string; readonly onChange: (rate: string) => void }) {
  const field = useId();
  return (
    <>
      <label htmlFor={field}>Maximum per minute (optional)</label>
      <input
        id={field}
        type="number"
        min={1}
        max={10_000_000}
        step={1}
        value={rate}
        onChange={({ target }) => onChange(target.value)}
      />
    </>
  );
}

const parseRateLimit = (text: string): RateLimit =>
  /^[1-9]\d{0,7}$/.test(text) ? { perMinute: Number(text) } : {};

/** @param options selection and rate limit */
function useStartReplay(options: object, onClose: () => void) {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  return useMutation({
    mutationFn: (note: string) => request<Replay>('/replays', { method: 'POST', body: { ...options, note } }),
    onSuccess: ({ id }) => {
      void client.invalidateQueries({ queryKey: ['replays'] });
      void client.invalidateQueries({ queryKey: ['dead-letters'] });
      onClose();
      navigate(`/replays/${id}`);
    },
  });
}

/** Number of failure groups that a plan lists. */
const MAX_GROUPS = 5;

/** The dead letters that a replay would include, and its estimated duration. */
function PlanSummary({ plan }: { readonly plan: ReplayPlan | undefined }) {
  if (!plan) return <Loading />;
  const { count, groups, oldest, seconds } = plan;
  return (
    <>
      <dl className="stats" aria-live="polite">
        <div>
          <dt>Dead letters</dt>
          <dd>{formatCount(count)}</dd>
        </div>
        <div>
          <dt>Failure groups</dt>
          <dd>{formatCount(groups.length)}</dd>
        </div>
        <div>
          <dt>Oldest failure</dt>
          <dd>{oldest === undefined ? '–' : <TimeAgo at={oldest} />}</dd>
        </div>
        <div>
          <dt>Estimated time</dt>
          <dd>{formatDuration(seconds * 1_000)}</dd>
        </div>
      </dl>
      <ul className="plain-list">
        {groups.slice(0, MAX_GROUPS).map(({ group, count: size, connection, topic, death }) => (
          <li key={group}>
            <strong>{formatCount(size)}</strong> {connection} {topic}: {REASON_LABELS[death.reason]}
            <div className="muted">{death.message}</div>
          </li>
        ))}
        {groups.length > MAX_GROUPS && <li className="muted">and {groups.length - MAX_GROUPS} more</li>}
      </ul>
    </>
  );
}
