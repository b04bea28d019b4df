import type { Delivery } from '../../api/types.ts';
import { nameOfReason, REASONS } from '../../model/labels.ts';

/** Something that happened to a delivery. */
export interface Moment {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly kind: 'received' | 'attempt' | 'edit' | 'began' | 'good' | 'bad' | 'end' | 'waits';
  readonly title: string;
  readonly text: string;
  /** Milliseconds that it took. */
  readonly ms?: number;
  /** Milliseconds in which nothing happened before it. */
  readonly pause?: number;
}

/** Milliseconds; shorter ones say nothing. */
const WORTH_TELLING = 1_000;

/** Puts all that happened to a delivery in order. */
export function timelineOf(delivery: Delivery): readonly Moment[] {
  const moments = [...beginning(delivery), ...attempts(delivery), ...changes(delivery), ...outcome(delivery)];
  const ordered = moments.toSorted((one, other) => one.at - other.at);
  return ordered.map((moment, index) => {
    const before = ordered[index - 1];
    const pause = before ? moment.at - before.at - (before.ms ?? 0) : 0;
    return pause >= WORTH_TELLING ? { ...moment, pause } : moment;
  });
}

function beginning({ receivedAt, connection }: Delivery): readonly Moment[] {
  if (receivedAt === undefined) return [];
  return [
    { at: receivedAt, kind: 'received', title: 'received', text: connection ? `by ${connection}` : '' },
  ];
}

function attempts({ attempts: noted }: Delivery): readonly Moment[] {
  return noted.map(({ at, ms, outcome: result, message, status, type }) => {
    const told = [status, type].filter((word) => word !== undefined).join(' ');
    const title = result === 'retry' ? 'tried, to be tried again' : 'tried, and died';
    const why = result === 'retry' ? '' : `${nameOfReason(result)}: `;
    return { at, ms, kind: 'attempt', title, text: `${why}${message}${told ? ` (${told})` : ''}` };
  });
}

function changes({ edits, began }: Delivery): readonly Moment[] {
  return [
    ...edits.map(
      ({ at, who, reason }): Moment => ({ at, kind: 'edit', title: 'edited', text: `by ${who}: ${reason}` }),
    ),
    ...(began === undefined
      ? []
      : [{ at: began, kind: 'began', title: 'began', text: 'may have created an event' } as const]),
  ];
}

function outcome({ state, at, until, settled, death, discarded, replay }: Delivery): readonly Moment[] {
  switch (state) {
    case 'waiting':
    case 'active':
      return [];
    case 'delayed':
      return until === undefined
        ? []
        : [{ at: until, kind: 'waits', title: 'tried next', text: 'at the latest' }];
    case 'delivered':
      return at === undefined ? [] : [{ at, kind: 'good', ...settlement(settled, replay) }];
    case 'dead':
      return at === undefined
        ? []
        : [{ at, kind: 'bad', title: 'dead', text: death ? REASONS[death.reason] : '' }];
    case 'discarded': {
      const text = discarded ? `by ${discarded.who}: ${discarded.reason}` : '';
      return at === undefined ? [] : [{ at: discarded?.at ?? at, kind: 'end', title: 'discarded', text }];
    }
  }
}

function settlement(settled: Delivery['settled'], replay: string | undefined) {
  const after = replay ? ', after a replay' : '';
  if (typeof settled?.eventId === 'string') {
    const found = settled.reconciled === true ? ', found to be there already' : '';
    return { title: 'delivered', text: `event ${settled.eventId}${found}${after}` };
  }
  if (typeof settled?.removed === 'number') return { title: 'erased', text: `${settled.removed} deliveries` };
  return { title: settled?.recorded ? 'recorded' : 'settled', text: `it becomes no event${after}` };
}
