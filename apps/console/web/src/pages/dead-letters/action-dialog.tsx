import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { ask } from '../../api/ask.ts';
import { planQuery } from '../../api/plan-query.ts';
import { NoteDialog } from '../../parts/note-dialog.tsx';
import { ReplayDialog } from '../../parts/replay-dialog.tsx';
import { describeFilter, type Filter, selectionOf } from '../../view/filter.ts';
import { countOf } from '../../view/format.ts';
import { TryDialog } from './try-dialog.tsx';
import { useForgetLetters } from './use-letters.ts';

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
