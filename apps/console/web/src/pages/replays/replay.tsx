import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState } from 'react';
import { Link } from 'wouter';
import { useIsOperator } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import type { Replay } from '../../api/types.ts';
import { describeFilter } from '../../model/filter.ts';
import { formatCount, formatDuration, formatPlural } from '../../model/format.ts';
import { NoteDialog } from '../../ui/dialog.tsx';
import { Badge, ErrorMessage, Loading, Stats, TimeAgo } from '../../ui/elements.tsx';
import { Page } from '../../ui/page.tsx';
import {
  finishedCount,
  REPLAY_TONES,
  ratePerSecond,
  remainingMs,
  replayKey,
  type Sample,
  useReplay,
} from './replay-progress.ts';

/** One replay with live progress. */
export function ReplayPage({ id }: { readonly id: string }) {
  const { replay, samples, isLive } = useReplay(id);
  const { data } = replay;
  return (
    <Page title="Replay" aside={<Link href="/replays">All replays</Link>}>
      <p className="mono">{id}</p>
      {replay.isPending && <Loading />}
      <ErrorMessage error={replay.error} />
      {data && (
        <>
          <section className="panel" aria-label="Progress">
            <div className="row spread">
              <div className="row">
                <Badge tone={REPLAY_TONES[data.state]}>{data.state}</Badge>
                {data.why && <span>{data.why}</span>}
                {data.state === 'running' && !isLive && <span className="muted">updated every 5 s</span>}
              </div>
              <ReplayActions replay={data} />
            </div>
            <Progress replay={data} samples={samples} />
            {data.died > 0 && (
              <p>
                <Link href={`/dead-letters?replay=${data.id}`}>View failures</Link>
              </p>
            )}
          </section>
          <RequestPanel replay={data} />
        </>
      )}
    </Page>
  );
}

/** Selection, author and limits of a replay. */
function RequestPanel({
  replay: { filter, who, note, createdAt, endedAt, perMinute },
}: {
  readonly replay: Replay;
}) {
  return (
    <section className="panel" aria-labelledby="request">
      <h2 id="request">Request</h2>
      <dl className="facts">
        <div>
          <dt>Selection</dt>
          <dd>{describeFilter(filter)}</dd>
        </div>
        <div>
          <dt>Started by</dt>
          <dd>
            {who}: {note}
          </dd>
        </div>
        <div>
          <dt>Started</dt>
          <dd>
            <TimeAgo at={createdAt} />
          </dd>
        </div>
        {endedAt !== undefined && (
          <div>
            <dt>Duration</dt>
            <dd>{formatDuration(endedAt - createdAt)}</dd>
          </div>
        )}
        <div>
          <dt>Rate limit</dt>
          <dd>{perMinute === undefined ? 'none' : `${formatCount(perMinute)} / min`}</dd>
        </div>
      </dl>
    </section>
  );
}

interface ProgressProps {
  readonly replay: Replay;
  readonly samples: readonly Sample[];
}

/** Progress, rate and remaining time of a replay. */
function Progress({ replay, samples }: ProgressProps) {
  const now = useNow(replay.state === 'running');
  const { planned, replayed, delivered, died, removed, outstanding } = replay;
  const isRunning = replay.state === 'running';
  const rate = isRunning ? ratePerSecond(samples, now) : undefined;
  const left = remainingMs(replay, rate);
  const finished = finishedCount(replay);
  const percent = planned === 0 ? 100 : Math.min(100, Math.floor((finished / planned) * 100));
  const stats: readonly (readonly [string, string])[] = [
    ['Planned', formatCount(planned)],
    ['Replayed', formatCount(replayed)],
    ['Delivered', formatCount(delivered)],
    ['Failed again', formatCount(died)],
    ['Removed', formatCount(removed)],
    ['In progress', formatCount(outstanding)],
    ['Rate', rate === undefined ? '–' : `${formatRate(rate)} / s`],
    ['Time left', left === undefined ? '–' : formatDuration(left)],
  ];
  return (
    <>
      <div className="row progress-row">
        <progress value={finished} max={Math.max(1, planned)} aria-label="Dead letters with an outcome" />
        <strong>{percent}%</strong>
      </div>
      <Stats stats={stats} />
      <LiveStatus
        text={`${replay.state}: ${formatCount(finished)} of ${formatCount(planned)}, ${formatCount(died)} failed again`}
      />
    </>
  );
}

const formatRate = (rate: number) => (rate >= 10 ? formatCount(Math.round(rate)) : rate.toFixed(1));

/** Returns the current time, updated every second while active. */
function useNow(isActive: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!isActive) return;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [isActive]);
  return now;
}

/** Milliseconds between two announcements. */
const ANNOUNCE_INTERVAL_MS = 5_000;

/** Announces the progress to screen readers at a moderate rate. */
function LiveStatus({ text }: { readonly text: string }) {
  const [announced, announce] = useState(text);
  const announceLatest = useEffectEvent(() => announce(text));
  useEffect(() => {
    const timer = setInterval(() => announceLatest(), ANNOUNCE_INTERVAL_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <p className="visually-hidden" aria-live="polite">
      {announced}
    </p>
  );
}

type Action = 'pause' | 'resume' | 'cancel';

const ACTION_LABELS: Readonly<Record<Action, string>> = {
  pause: 'Pause replay',
  resume: 'Resume replay',
  cancel: 'Cancel replay',
};

/** The actions of operators on an unfinished replay. */
function ReplayActions({ replay }: { readonly replay: Replay }) {
  const { id, state, planned, replayed } = replay;
  const client = useQueryClient();
  const [action, setAction] = useState<Action>();
  const isOperator = useIsOperator();
  if (!isOperator || state === 'done' || state === 'cancelled') return null;
  const change = async (note: string) => {
    const changed = await request<Replay>(`/replays/${id}/${action}`, { method: 'POST', body: { note } });
    client.setQueryData(replayKey(id), changed);
  };
  return (
    <div className="row">
      {state === 'running' && (
        <button type="button" onClick={() => setAction('pause')}>
          Pause
        </button>
      )}
      {state === 'paused' && (
        <button type="button" className="primary" onClick={() => setAction('resume')}>
          Resume
        </button>
      )}
      <button type="button" className="danger" onClick={() => setAction('cancel')}>
        Cancel
      </button>
      {action && (
        <NoteDialog
          title={ACTION_LABELS[action]}
          action={ACTION_LABELS[action]}
          cancelLabel={action === 'cancel' ? 'Keep replay' : 'Cancel'}
          isDangerous={action === 'cancel'}
          onConfirm={change}
          onClose={() => setAction(undefined)}
        >
          <p>{describeConsequence(action, Math.max(0, planned - replayed))}</p>
        </NoteDialog>
      )}
    </div>
  );
}

function describeConsequence(action: Action, remaining: number): string {
  switch (action) {
    case 'pause':
      return `No further dead letters are replayed until you resume it; ${formatCount(remaining)} remain. Deliveries in progress continue.`;
    case 'resume':
      return `Replays the remaining ${formatPlural(remaining, 'dead letter')}. Only failures from now on can pause it again.`;
    case 'cancel':
      return `The remaining ${formatPlural(remaining, 'dead letter')} are not replayed, and you cannot resume the replay. Deliveries in progress continue.`;
  }
}
