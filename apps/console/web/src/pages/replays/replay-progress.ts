import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { REFRESH_MS } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import type { Replay } from '../../api/types.ts';
import type { Tone } from '../../ui/elements.tsx';

export const REPLAY_TONES: Readonly<Record<Replay['state'], Tone>> = {
  running: 'good',
  paused: 'warn',
  done: 'neutral',
  cancelled: 'neutral',
};

/** The progress of a replay at one time. */
export interface Sample {
  /** Milliseconds since the epoch, by the clock of the browser. */
  readonly at: number;
  /** Number of replayed dead letters with an outcome. */
  readonly finished: number;
}

/** Period of the rate. Older progress says little about the current rate. */
const WINDOW_MS = 15_000;

/** Minimum period of a rate. */
const MIN_SPAN_MS = 1_000;

/** Returns the number of replayed dead letters with an outcome. */
export const finishedCount = ({ delivered, died, removed }: Replay): number => delivered + died + removed;

/** Adds a sample and removes outdated ones. */
export function addSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  return [...samples.filter(({ at }) => at >= sample.at - WINDOW_MS), sample];
}

/**
 * Returns the recent rate per second, or `undefined` without enough samples. The rate falls while no samples arrive.
 *
 * @param now milliseconds since the epoch
 */
export function ratePerSecond(samples: readonly Sample[], now: number): number | undefined {
  const [first] = samples;
  const last = samples.at(-1);
  if (!first || !last || now - first.at < MIN_SPAN_MS) return undefined;
  return ((last.finished - first.finished) * 1_000) / (now - first.at);
}

/** Returns the milliseconds until the replay is done at a rate, or `undefined` without progress. */
export function remainingMs(replay: Replay, rate: number | undefined): number | undefined {
  if (rate === undefined || rate <= 0) return undefined;
  return (Math.max(0, replay.planned - finishedCount(replay)) / rate) * 1_000;
}

export const replayKey = (id: string) => ['replays', id] as const;

interface ReplayWatch {
  /** Recent samples, for the rate. */
  readonly samples: readonly Sample[];
  /** Whether the console streams the progress; otherwise the page polls. */
  readonly isLive: boolean;
}

/** Returns a replay with its progress, streamed by the console while it runs. */
export function useReplay(id: string) {
  const client = useQueryClient();
  const [{ samples, isLive }, setWatch] = useState<ReplayWatch>({ samples: [], isLive: false });
  const replay = useQuery({
    queryKey: replayKey(id),
    queryFn: ({ signal }) => request<Replay>(`/replays/${id}`, { signal }),
    refetchInterval: ({ state }) => (state.data?.state === 'running' && !isLive ? REFRESH_MS : false),
  });
  const isRunning = replay.data?.state === 'running';
  useEffect(() => {
    if (!isRunning) return;
    const source = new EventSource(`/api/replays/${id}/events`);
    const receive = ({ data }: MessageEvent<string>) => {
      const update = JSON.parse(data) as Replay;
      client.setQueryData(replayKey(id), update);
      const sample = { at: Date.now(), finished: finishedCount(update) };
      setWatch((watch) => ({ isLive: true, samples: addSample(watch.samples, sample) }));
    };
    source.addEventListener('progress', receive);
    source.addEventListener('end', (event) => {
      receive(event);
      source.close();
      void client.invalidateQueries({ queryKey: ['dead-letters'] });
    });
    // The browser reconnects, except after an error response. The page polls in the meantime.
    source.addEventListener('error', () => setWatch((watch) => ({ ...watch, isLive: false })));
    return () => {
      source.close();
      setWatch({ samples: [], isLive: false });
    };
  }, [id, isRunning, client]);
  return { replay, samples, isLive };
}
