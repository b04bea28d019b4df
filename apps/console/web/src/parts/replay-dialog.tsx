import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useLocation } from 'wouter';
import type { Replay, ReplayPlan } from '../api/answers.ts';
import { ask } from '../api/ask.ts';
import { describeFilter, type Filter, selectionOf } from '../view/filter.ts';
import { countOf } from '../view/format.ts';
import { useDebounced } from '../view/use-debounced.ts';
import { Dialog } from './dialog.tsx';
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
  const fields = { rate: useId(), note: useId() };
  const count = plan.data?.count ?? 0;
  return (
    <Dialog title="Replay dead letters" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void start.run({ ...selectionOf(filter), ...rateOf(rate), note: note.trim() });
        }}
      >
        <p>
          Which: <strong>{describeFilter(filter)}</strong>. They go behind what is live, and what dies
          meanwhile is left.
        </p>
        <PlanFigures plan={plan.data} />
        <Trouble error={plan.error} />
        <label htmlFor={fields.note}>Why, for the audit log</label>
        <input
          id={fields.note}
          value={note}
          onChange={(event) => setNote(event.target.value)}
          maxLength={500}
          required
          autoFocus
        />
        <label htmlFor={fields.rate}>At most so many a minute (empty: no limit)</label>
        <input
          id={fields.rate}
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
            disabled={start.isBusy || count === 0 || note.trim() === ''}
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
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const run = async (body: unknown) => {
    setBusy(true);
    setError(undefined);
    try {
      const { id } = await ask<Replay>('/replays', { method: 'POST', body });
      void client.invalidateQueries({ queryKey: ['replays'] });
      void client.invalidateQueries({ queryKey: ['dead-letters'] });
      onClose();
      go(`/replays/${id}`);
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return { error, isBusy, run };
}
