import { useEffect, useMemo, useRef } from 'react';
import UPlot from 'uplot';
import type { Overview } from '../../api/types.ts';
import 'uplot/dist/uPlot.min.css';

type Connections = Overview['connections'];

const HEIGHT = 160;

/** Webhooks and events a minute of all connections, over the last hour that this console saw. */
export function TrafficChart({ connections }: { readonly connections: Connections }) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<UPlot>(undefined);
  const data = useMemo(() => sumUp(connections), [connections]);
  const isEmpty = data[0].length < 2;
  useEffect(() => {
    const element = place.current;
    if (!element || isEmpty) return;
    const made = new UPlot(optionsFor(element), [[], [], []], element);
    chart.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
      chart.current = undefined;
    };
  }, [isEmpty]);
  useEffect(() => {
    if (!isEmpty) chart.current?.setData(data);
  }, [data, isEmpty]);
  if (isEmpty) return <p className="quiet">A line of what comes and goes is drawn after two minutes.</p>;
  return (
    <figure>
      <div ref={place} aria-hidden="true" />
      <figcaption className="quiet">{inWords(data)}</figcaption>
    </figure>
  );
}

type Data = [number[], number[], number[]];

function sumUp(connections: Connections): Data {
  const points = new Map<number, { webhooks: number; events: number }>();
  for (const { history } of connections) {
    for (const { at, webhooks, events } of history) {
      const point = points.get(at) ?? { webhooks: 0, events: 0 };
      points.set(at, { webhooks: point.webhooks + webhooks, events: point.events + events });
    }
  }
  const sorted = [...points].sort(([a], [b]) => a - b);
  return [
    sorted.map(([at]) => at / 1_000),
    sorted.map(([, { webhooks }]) => webhooks),
    sorted.map(([, { events }]) => events),
  ];
}

/** For whoever does not see the lines. */
function inWords([times, webhooks, events]: Data): string {
  const most = (values: readonly number[]) => Math.max(0, ...values);
  return `The last ${times.length} minutes: at most ${most(webhooks)} webhooks and ${most(events)} events a minute.`;
}

function optionsFor(element: HTMLElement): UPlot.Options {
  const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name);
  const axis = { stroke: colour('--quiet'), grid: { stroke: colour('--line') }, ticks: { show: false } };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    axes: [axis, { ...axis, size: 60 }],
    scales: { y: { range: (_chart, _min, max) => [0, Math.max(1, max)] } },
    series: [
      {},
      { label: 'Webhooks a minute', stroke: colour('--quiet'), width: 1, dash: [4, 3] },
      { label: 'Events a minute', stroke: colour('--accent'), width: 2 },
    ],
    cursor: { drag: { x: false, y: false } },
  };
}
