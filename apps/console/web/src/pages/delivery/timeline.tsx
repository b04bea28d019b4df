import type { Delivery } from '../../api/answers.ts';
import { Badge, type Tone } from '../../parts/badge.tsx';
import { formatDuration, formatMoment } from '../../view/format.ts';
import { type Moment, timelineOf } from './timeline-of.ts';

const TONES: Readonly<Record<Moment['kind'], Tone>> = {
  received: 'quiet',
  attempt: 'warn',
  edit: 'quiet',
  began: 'warn',
  good: 'good',
  bad: 'bad',
  end: 'quiet',
  waits: 'warn',
};

/** What happened to a delivery, the oldest first, and how long nothing did. */
export function Timeline({ delivery }: { readonly delivery: Delivery }) {
  return (
    <section className="panel" aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      <ol className="timeline">
        {timelineOf(delivery).map(({ at, kind, title, text, pause, ms }) => (
          <li key={`${at} ${title}`}>
            {pause !== undefined && <p className="pause">{formatDuration(pause)} later</p>}
            <p className="row">
              <time dateTime={new Date(at).toISOString()} className="nowrap quiet">
                {formatMoment(at)}
              </time>
              <Badge tone={TONES[kind]}>{title}</Badge>
              <span>
                {text}
                {ms !== undefined && <span className="quiet"> took {formatDuration(ms)}</span>}
              </span>
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}
