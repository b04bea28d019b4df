import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useLocation } from 'wouter';
import type { Replay } from '../api/answers.ts';
import { ask } from '../api/ask.ts';
import { planQuery, type Rate } from '../api/plan-query.ts';
import { describeFilter, type Filter, selectionOf } from '../view/filter.ts';
import { countOf } from '../view/format.ts';
import { useDebounced } from '../view/use-debounced.ts';
import { Dialog } from './dialog.tsx';
import { NoteForm } from './note-form.tsx';
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
