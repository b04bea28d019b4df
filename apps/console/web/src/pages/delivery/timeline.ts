import type { Delivery } from '../../api/types.ts';
import { REASON_LABELS, reasonLabel } from '../../model/labels.ts';

/** An entry in the history of a delivery. */
export interface TimelineEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly kind: 'received' | 'attempt' | 'edit' | 'uncertain' | 'success' | 'failure' | 'end' | 'scheduled';
  readonly title: string;
  readonly text: string;
  /** Duration of an attempt in milliseconds. */
  readonly ms?: number;
  /** Milliseconds since the end of the previous entry, if at least `MIN_PAUSE_MS`. */
  readonly pause?: number;
}

/** Shorter pauses are not shown. */
const MIN_PAUSE_MS = 1_000;

/** Returns the history of a delivery in chronological order. */
export function buildTimeline(delivery: Delivery): readonly TimelineEntry[] {
  const entries = [
    ...receivedEntries(delivery),
    ...attemptEntries(delivery),
    ...editEntries(delivery),
    ...outcomeEntries(delivery),
  ];
  const ordered = entries.toSorted((a, b) => a.at - b.at);
  return ordered.map((entry, index) => {
    const previous = ordered[index - 1];
    const pause = previous ? entry.at - previous.at - (previous.ms ?? 0) : 0;
    return pause >= MIN_PAUSE_MS ? { ...entry, pause } : entry;
  });
}

function receivedEntries({ receivedAt, connection }: Delivery): readonly TimelineEntry[] {
  if (receivedAt === undefined) return [];
  return [
    {
      at: receivedAt,
      kind: 'received',
      title: 'received',
      text: connection ? `connection ${connection}` : '',
    },
  ];
}

function attemptEntries({ attempts }: Delivery): readonly TimelineEntry[] {
  return attempts.map(({ at, ms, outcome, message, status, type }) => {
    const response = [status, type].filter((part) => part !== undefined).join(' ');
    const title = outcome === 'retry' ? 'attempt, will retry' : 'attempt failed';
    const reason = outcome === 'retry' ? '' : `${reasonLabel(outcome)}: `;
    return { at, ms, kind: 'attempt', title, text: `${reason}${message}${response ? ` (${response})` : ''}` };
  });
}

function editEntries({ edits, began }: Delivery): readonly TimelineEntry[] {
  return [
    ...edits.map(
      ({ at, who, reason }): TimelineEntry => ({
        at,
        kind: 'edit',
        title: 'edited',
        text: `by ${who}: ${reason}`,
      }),
    ),
    ...(began === undefined
      ? []
      : [
          {
            at: began,
            kind: 'uncertain',
            title: 'attempt, no response',
            text: 'The attempt may have created an event.',
          } as const,
        ]),
  ];
}

function outcomeEntries({
  state,
  at,
  until,
  settled,
  death,
  discarded,
  replay,
}: Delivery): readonly TimelineEntry[] {
  switch (state) {
    case 'waiting':
    case 'active':
      return [];
    case 'delayed':
      return until === undefined
        ? []
        : [{ at: until, kind: 'scheduled', title: 'next attempt', text: 'at the latest' }];
    case 'delivered':
      return at === undefined ? [] : [{ at, kind: 'success', ...deliveredEntry(settled, replay) }];
    case 'dead':
      return at === undefined
        ? []
        : [{ at, kind: 'failure', title: 'dead', text: death ? REASON_LABELS[death.reason] : '' }];
    case 'discarded': {
      const text = discarded ? `by ${discarded.who}: ${discarded.reason}` : '';
      return at === undefined ? [] : [{ at: discarded?.at ?? at, kind: 'end', title: 'discarded', text }];
    }
  }
}

function deliveredEntry(settled: Delivery['settled'], replay: string | undefined) {
  const after = replay ? ', after a replay' : '';
  if (typeof settled?.eventId === 'string') {
    const reconciled = settled.reconciled === true ? ', existing event found by reconciliation' : '';
    return { title: 'delivered', text: `event ${settled.eventId}${reconciled}${after}` };
  }
  if (typeof settled?.forwarded === 'number') {
    return { title: 'forwarded', text: `status ${settled.forwarded}${after}` };
  }
  if (typeof settled?.removed === 'number') return { title: 'erased', text: `${settled.removed} deliveries` };
  return { title: settled?.recorded ? 'recorded' : 'finished', text: `no event${after}` };
}
