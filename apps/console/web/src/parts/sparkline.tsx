interface Point {
  readonly webhooks: number;
  readonly events: number;
}

const WIDTH = 120;
const HEIGHT = 28;

/** Webhooks (thin) and events (thick) a minute, small. */
export function Sparkline({ points }: { readonly points: readonly Point[] }) {
  const most = Math.max(1, ...points.flatMap(({ webhooks, events }) => [webhooks, events]));
  const line = (of: keyof Point) =>
    points
      .map((point, index) => {
        const x = points.length > 1 ? (index / (points.length - 1)) * WIDTH : WIDTH;
        return `${x.toFixed(1)},${(HEIGHT - 2 - (point[of] / most) * (HEIGHT - 4)).toFixed(1)}`;
      })
      .join(' ');
  const told = `at most ${most} a minute in the last ${points.length} minutes`;
  return (
    <svg className="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={told}>
      <title>{told}</title>
      <polyline className="webhooks" points={line('webhooks')} />
      <polyline className="events" points={line('events')} />
    </svg>
  );
}
