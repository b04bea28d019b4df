import { useEffect, useMemo, useRef } from 'react';
import UPlot from 'uplot';
import type { Overview } from '../../api/types.ts';
import { formatClockTime } from '../../model/format.ts';
import 'uplot/dist/uPlot.min.css';

type Connections = Overview['connections'];

const HEIGHT = 160;

/** Webhooks and events per minute of all connections in the last hour, as observed by this console. */
export function TrafficChart({ connections }: { readonly connections: Connections }) {
  const container = useRef<HTMLDivElement>(null);
  const chart = useRef<UPlot>(undefined);
  const data = useMemo(() => sumHistories(connections), [connections]);
  const isEmpty = data[0].length < 2;
  useEffect(() => {
    const element = container.current;
    if (!element || isEmpty) return;
    const plot = new UPlot(chartOptions(element), [[], [], []], element);
    chart.current = plot;
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
      chart.current = undefined;
    };
  }, [isEmpty]);
  useEffect(() => {
    if (!isEmpty) chart.current?.setData(data);
  }, [data, isEmpty]);
  if (isEmpty) return <p className="muted">The traffic chart appears after two minutes.</p>;
  return (
    <figure>
      <div ref={container} aria-hidden="true" />
      <figcaption className="muted">{describeTraffic(data)}</figcaption>
    </figure>
  );
}

type TrafficData = [number[], number[], number[]];

function sumHistories(connections: Connections): TrafficData {
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

/** Returns the text alternative of the chart. */
function describeTraffic([times, webhooks, events]: TrafficData): string {
  const peak = (values: readonly number[]) => Math.max(0, ...values);
  return `Last ${times.length} minutes: peak of ${peak(webhooks)} webhooks and ${peak(events)} events per minute.`;
}

function chartOptions(element: HTMLElement): UPlot.Options {
  const color = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name);
  const axis = { stroke: color('--muted'), grid: { stroke: color('--line') }, ticks: { show: false } };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    axes: [
      {
        ...axis,
        // At most one label per minute.
        incrs: [1, 5, 10, 15, 30].map((minutes) => minutes * 60),
        values: (_chart, seconds) => seconds.map((at) => formatClockTime(at * 1_000)),
      },
      { ...axis, size: 60 },
    ],
    scales: { y: { range: (_chart, _min, max) => [0, Math.max(1, max)] } },
    series: [
      { value: (_chart, at) => (at === null ? '–' : formatClockTime(at * 1_000)) },
      { label: 'Webhooks / min', stroke: color('--muted'), width: 1, dash: [4, 3] },
      { label: 'Events / min', stroke: color('--accent'), width: 2 },
    ],
    cursor: { drag: { x: false, y: false } },
  };
}
