import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useLocation } from 'wouter';
import type { Replay, ReplayPlan } from '../api/answers.ts';
import { ask } from '../api/ask.ts';
import { describeFilter, type Filter, selectionOf } from '../view/filter.ts';
import { countOf } from '../view/format.ts';
import { useDebounced } from '../view/use-debounced.ts';
import { Dialog } from './dialog.tsx';
import { NoteField } from './note-field.tsx';
import { PlanFigures } from './plan-figures.tsx';
import { Trouble } from './trouble.tsx';

interface ReplayDialogProps {
  /** `{}`: all dead letters. */
  readonly filter: Filter;
  readonly onClose: () => void;
}

/** The plan of a replay with its numbers, and after it the button. Goes to the replay that it starts. */
export function ReplayDialog({ filter, onClose }: ReplayDialogProps) {
  const [rate, setRate] = useState('');
  const [note, setNote] = useState('');
  const plan = usePlan(filter, rateOf(useDebounced(rate, 300)));
  const start = useStart(onClose);
  const rateField = useId();
  const count = plan.data?.count ?? 0;
  return (
    <Dialog title="Replay dead letters" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          start.mutate({ ...selectionOf(filter), ...rateOf(rate), note: note.trim() });
        }}
      >
        <p>
          Which: <strong>{describeFilter(filter)}</strong>. They go behind what is live, and what dies
          meanwhile is left.
        </p>
        <PlanFigures plan={plan.data} />
        <Trouble error={plan.error} />
        <NoteField note={note} onChange={setNote} />
        <label htmlFor={rateField}>At most so many a minute (empty: no limit)</label>
        <input
          id={rateField}
          type="number"
          min={1}
          max={10_000_000}
          step={1}
          value={rate}
          onChange={(event) => setRate(event.target.value)}
        />
        <Trouble error={start.error} />
        <div className="row end">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            className="primary"
            disabled={start.isPending || count === 0 || note.trim() === ''}
          >
            Replay {countOf(count, 'dead letter')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

const rateOf = (text: string) => (/^[1-9]\d{0,7}$/.test(text) ? { perMinute: Number(text) } : {});

function usePlan(filter: Filter, rate: { readonly perMinute?: number }) {
  return useQuery({
    queryKey: ['plan', filter, rate],
    queryFn: ({ signal }) =>
      ask<ReplayPlan>('/replays/plan', { method: 'POST', body: { filter, ...rate }, signal }),
    placeholderData: keepPreviousData,
  });
}

function useStart(onClose: () => void) {
  const client = useQueryClient();
  const [, go] = useLocation();
  return useMutation({
    mutationFn: (body: unknown) => ask<Replay>('/replays', { method: 'POST', body }),
    onSuccess: ({ id }) => {
      void client.invalidateQueries({ queryKey: ['replays'] });
      void client.invalidateQueries({ queryKey: ['dead-letters'] });
      onClose();
      go(`/replays/${id}`);
    },
  });
}
