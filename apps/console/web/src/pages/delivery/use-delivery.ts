import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { REFRESH_MS } from '../../api/queries.ts';
import { request, toQueryString } from '../../api/request.ts';
import type { Delivery, MappedEvent } from '../../api/types.ts';

/** States that change without an operator. */
const TRANSIENT_STATES: ReadonlySet<string> = new Set(['waiting', 'active', 'delayed']);

export const deliveryKey = (id: string) => ['delivery', id] as const;

/** Returns a delivery with masked personal data. */
export function useDelivery(id: string) {
  return useQuery({
    queryKey: deliveryKey(id),
    queryFn: ({ signal }) => request<Delivery>(`/deliveries/${id}`, { signal }),
    refetchInterval: ({ state }) =>
      state.data && TRANSIENT_STATES.has(state.data.state) ? REFRESH_MS : false,
  });
}

/** Returns the event that the current mapper creates, with masked personal data. */
export function useMappedEvent(id: string) {
  return useQuery({
    queryKey: [...deliveryKey(id), 'event'],
    queryFn: ({ signal }) => request<MappedEvent>(`/deliveries/${id}/event`, { signal }),
  });
}

/** The revealed body of a delivery. */
export interface Reveal {
  /** Undefined until revealed. Only this page keeps it, until the user leaves. */
  readonly delivery: Delivery | undefined;
  /** Whether the page shows the revealed body instead of the masked one. */
  readonly isShown: boolean;
  /** Requests the exact body. The audit log records each request. */
  reveal(note: string): Promise<void>;
  show(isShown: boolean): void;
}

/** Manages the revealed body of a delivery. */
export function useReveal(id: string): Reveal {
  const [delivery, setDelivery] = useState<Delivery>();
  const [isShown, setShown] = useState(false);
  return {
    ...{ delivery, isShown, show: setShown },
    reveal: async (note) => {
      setDelivery(await request<Delivery>(`/deliveries/${id}${toQueryString({ reveal: true, note })}`));
    },
  };
}
