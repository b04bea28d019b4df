import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { LIVE } from '../../api/queries.ts';
import { ask } from '../../api/request.ts';
import type { Replay } from '../../api/types.ts';
import type { Tone } from '../../ui/elements.tsx';

export const REPLAY_TONES: Readonly<Record<Replay['state'], Tone>> = {
  running: 'good',
  paused: 'warn',
  done: 'quiet',
  cancelled: 'quiet',
};

/** How far a replay was at a moment. */
export interface Sample {
  /** Milliseconds since the epoch, by this browser's clock. */
  readonly at: number;
  /** Put back and come to an end. */
  readonly settled: number;
}

/** Milliseconds over which the rate is told: what was before says little of what comes. */
const WINDOW = 15_000;

/** Milliseconds; of less no rate is told. */
const MIN_SPAN = 1_000;

export const settledOf = ({ delivered, died, removed }: Replay): number => delivered + died + removed;

/** Adds a sample, and forgets those that are too old. */
export function addSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  return [...samples.filter(({ at }) => at >= sample.at - WINDOW), sample];
}

/**
 * How many a second have come to an end lately; undefined while too little was seen.
 *
 * @param now milliseconds since the epoch: while nothing comes, the rate goes down
 */
export function rateOf(samples: readonly Sample[], now: number): number | undefined {
  const [first] = samples;
  const last = samples.at(-1);
  if (!first || !last || now - first.at < MIN_SPAN) return undefined;
  return ((last.settled - first.settled) * 1_000) / (now - first.at);
}

/** Milliseconds until all planned have come to an end, at that rate; undefined where it does not get on. */
export function timeLeft(replay: Replay, rate: number | undefined): number | undefined {
  if (rate === undefined || rate <= 0) return undefined;
  return (Math.max(0, replay.planned - settledOf(replay)) / rate) * 1_000;
}

export const replayKey = (id: string) => ['replays', id] as const;

interface Watched {
  /** Those of the last seconds, for the rate. */
  readonly samples: readonly Sample[];
  /** Whether the console tells of itself; else it is asked every few seconds. */
  readonly isLive: boolean;
}

/** A replay as it stands, told by the console as it gets on. */
export function useReplay(id: string) {
  const client = useQueryClient();
  const [{ samples, isLive }, watch] = useState<Watched>({ samples: [], isLive: false });
  const replay = useQuery({
    queryKey: replayKey(id),
    queryFn: ({ signal }) => ask<Replay>(`/replays/${id}`, { signal }),
    refetchInterval: ({ state }) => (state.data?.state === 'running' && !isLive ? LIVE : false),
  });
  const isRunning = replay.data?.state === 'running';
  useEffect(() => {
    if (!isRunning) return;
    const source = new EventSource(`/api/replays/${id}/events`);
    const take = ({ data }: MessageEvent<string>) => {
      const told = JSON.parse(data) as Replay;
      client.setQueryData(replayKey(id), told);
      const sample = { at: Date.now(), settled: settledOf(told) };
      watch((watched) => ({ isLive: true, samples: addSample(watched.samples, sample) }));
    };
    source.addEventListener('progress', take);
    source.addEventListener('end', (event) => {
      take(event);
      source.close();
      void client.invalidateQueries({ queryKey: ['dead-letters'] });
    });
    // The browser connects again by itself; where it was refused it does not, and then the console is asked.
    source.addEventListener('error', () => watch((watched) => ({ ...watched, isLive: false })));
    return () => {
      source.close();
      watch({ samples: [], isLive: false });
    };
  }, [id, isRunning, client]);
  return { replay, samples, isLive };
}
