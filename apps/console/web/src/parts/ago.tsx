import { formatDuration, formatMoment } from '../view/format.ts';

/** How long ago that was, and when exactly to whoever points at it. */
export function Ago({ at }: { readonly at: number }) {
  const ms = Date.now() - at;
  return (
    <time dateTime={new Date(at).toISOString()} title={formatMoment(at)}>
      {ms < 2_000 ? 'just now' : `${formatDuration(ms)} ago`}
    </time>
  );
}
