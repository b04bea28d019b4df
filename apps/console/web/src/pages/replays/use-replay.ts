import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Replay } from '../../api/answers.ts';
import { ask } from '../../api/ask.ts';
import { LIVE } from '../../api/query-client.ts';
import { addSample, type Sample, settledOf } from '../../view/replay-progress.ts';

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
