import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { LIVE } from '../../api/queries.ts';
import { ask, queryOf } from '../../api/request.ts';
import type { Delivery, Mapped } from '../../api/types.ts';

/** States that change by themselves. */
const MOVING: ReadonlySet<string> = new Set(['waiting', 'active', 'delayed']);

export const deliveryKey = (id: string) => ['delivery', id] as const;

/** All that is known of a delivery, personal data masked. */
export function useDelivery(id: string) {
  return useQuery({
    queryKey: deliveryKey(id),
    queryFn: ({ signal }) => ask<Delivery>(`/deliveries/${id}`, { signal }),
    refetchInterval: ({ state }) => (state.data && MOVING.has(state.data.state) ? LIVE : false),
  });
}

/** What today's mapper makes of it, personal data masked. */
export function useMapped(id: string) {
  return useQuery({
    queryKey: [...deliveryKey(id), 'event'],
    queryFn: ({ signal }) => ask<Mapped>(`/deliveries/${id}/event`, { signal }),
  });
}

/** A delivery with its body as it is, once somebody has said why they want to see it. */
export interface Revealing {
  /** Nothing before it was revealed. It is kept by this page alone, until it is left. */
  readonly delivery: Delivery | undefined;
  /** Whether the page shows it, and not only uses it. */
  readonly isShown: boolean;
  reveal(note: string): Promise<void>;
  show(isShown: boolean): void;
}

/** Reveals a delivery; there is an audit line of each time. */
export function useRevealing(id: string): Revealing {
  const [delivery, keep] = useState<Delivery>();
  const [isShown, show] = useState(false);
  return {
    ...{ delivery, isShown, show },
    reveal: async (note) => {
      keep(await ask<Delivery>(`/deliveries/${id}${queryOf({ reveal: true, note })}`));
    },
  };
}
