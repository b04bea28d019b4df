import { lazy, Suspense } from 'react';
import type { Overview } from '../../api/answers.ts';
import { Figures } from '../../parts/figures.tsx';
import { formatBytes, formatCount, formatDuration } from '../../view/format.ts';

// The library that draws it is a third of the page's script, and nothing waits for it.
const TrafficChart = lazy(async () => ({ default: (await import('./traffic-chart.tsx')).TrafficChart }));

/** The whole pipeline in figures, and how much came and went. */
export function Totals({ overview }: { readonly overview: Overview }) {
  const { queue, oldestWaiting, redis, hasWorkers, connections, at } = overview;
  const perMinute = (of: 'webhooks' | 'events') =>
    connections.reduce((sum, connection) => sum + connection.perMinute[of], 0);
  const figures = [
    ['Webhooks a minute', formatCount(perMinute('webhooks'))],
    ['Events a minute', formatCount(perMinute('events'))],
    ['Waiting', formatCount(queue.waiting + queue.delayed)],
    ['At work', formatCount(queue.active)],
    ['Oldest waiting', oldestWaiting === null ? 'none' : formatDuration(at - oldestWaiting)],
    ['Dead', formatCount(queue.dead)],
    ['Workers', hasWorkers === null ? 'not known' : hasWorkers ? 'connected' : 'none'],
    ['Redis', memoryOf(redis)],
  ] as const;
  return (
    <section className="panel" aria-labelledby="totals">
      <h2 id="totals">Now</h2>
      <Figures all={figures} />
      <Suspense fallback={null}>
        <TrafficChart connections={connections} />
      </Suspense>
    </section>
  );
}

function memoryOf({ used, limit }: Overview['redis']): string {
  return limit > 0 ? `${Math.round((100 * used) / limit)} % of ${formatBytes(limit)}` : formatBytes(used);
}
