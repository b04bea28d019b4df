import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useLocation } from 'wouter';
import { planQuery, type Rate } from '../../api/queries.ts';
import { ask } from '../../api/request.ts';
import type { Replay, ReplayPlan } from '../../api/types.ts';
import { describeFilter, type Filter, selectionOf } from '../../model/filter.ts';
import { countOf, formatCount, formatDuration } from '../../model/format.ts';
import { REASONS } from '../../model/labels.ts';
import { Dialog, NoteForm } from '../../ui/dialog.tsx';
import { Ago, Loading, Trouble } from '../../ui/elements.tsx';
import { useDebounced } from '../../ui/hooks.ts';

interface ReplayDialogProps {
  /** `{}`: all dead letters. */
  readonly filter: Filter;
  readonly onClose: () => void;
}

/** The plan of a replay with its numbers, and after it the button. Goes to the replay that it starts. */
export function ReplayDialog({ filter, onClose }: ReplayDialogProps) {
  const [rate, setRate] = useState('');
  const plan = useQuery({
    ...planQuery(filter, rateOf(useDebounced(rate, 300))),
    placeholderData: keepPreviousData,
  });
  const start = useStart({ ...selectionOf(filter), ...rateOf(rate) }, onClose);
  const count = plan.data?.count ?? 0;
  return (
    <Dialog title="Replay dead letters" onClose={onClose}>
      <NoteForm
        action={`Replay ${countOf(count, 'dead letter')}`}
        isBlocked={count === 0}
        more={<RateField rate={rate} onChange={setRate} />}
        doing={start}
        onCancel={onClose}
      >
        <p>
          Which: <strong>{describeFilter(filter)}</strong>. They go behind what is live, and what dies
          meanwhile is left.
        </p>
        <PlanFigures plan={plan.data} />
        <Trouble error={plan.error} />
      </NoteForm>
    </Dialog>
  );
}

function RateField({ rate, onChange }: { readonly rate: string; readonly onChange: (rate: string) => void }) {
  const field = useId();
  return (
    <>
      <label htmlFor={field}>At most so many a minute (empty: no limit)</label>
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

const rateOf = (text: string): Rate => (/^[1-9]\d{0,7}$/.test(text) ? { perMinute: Number(text) } : {});

/** @param asked which, and how fast */
function useStart(asked: object, onClose: () => void) {
  const client = useQueryClient();
  const [, go] = useLocation();
  return useMutation({
    mutationFn: (note: string) => ask<Replay>('/replays', { method: 'POST', body: { ...asked, note } }),
    onSuccess: ({ id }) => {
      void client.invalidateQueries({ queryKey: ['replays'] });
      void client.invalidateQueries({ queryKey: ['dead-letters'] });
      onClose();
      go(`/replays/${id}`);
    },
  });
}

/** Causes that a plan tells one by one. */
const SHOWN = 5;

/** What a replay would put back, and how long that takes. */
function PlanFigures({ plan }: { readonly plan: ReplayPlan | undefined }) {
  if (!plan) return <Loading />;
  const { count, groups, oldest, seconds } = plan;
  return (
    <>
      <dl className="figures" aria-live="polite">
        <div>
          <dt>Dead letters</dt>
          <dd>{formatCount(count)}</dd>
        </div>
        <div>
          <dt>Causes</dt>
          <dd>{formatCount(groups.length)}</dd>
        </div>
        <div>
          <dt>Oldest died</dt>
          <dd>{oldest === undefined ? '–' : <Ago at={oldest} />}</dd>
        </div>
        <div>
          <dt>Takes about</dt>
          <dd>{formatDuration(seconds * 1_000)}</dd>
        </div>
      </dl>
      <ul className="plain-list">
        {groups.slice(0, SHOWN).map(({ group, count: size, connection, topic, death }) => (
          <li key={group}>
            <strong>{formatCount(size)}</strong> {connection} {topic}: {REASONS[death.reason]}
            <div className="quiet">{death.message}</div>
          </li>
        ))}
        {groups.length > SHOWN && <li className="quiet">and {groups.length - SHOWN} causes more</li>}
      </ul>
    </>
  );
}
