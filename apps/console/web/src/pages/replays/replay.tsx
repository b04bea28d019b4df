import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState } from 'react';
import { Link } from 'wouter';
import { useIsOperator } from '../../api/queries.ts';
import { ask } from '../../api/request.ts';
import type { Replay } from '../../api/types.ts';
import { describeFilter } from '../../model/filter.ts';
import { formatCount, formatDuration } from '../../model/format.ts';
import { NoteDialog } from '../../ui/dialog.tsx';
import { Ago, Badge, Figures, Loading, Trouble } from '../../ui/elements.tsx';
import { Page } from '../../ui/page.tsx';
import {
  REPLAY_TONES,
  rateOf,
  replayKey,
  type Sample,
  settledOf,
  timeLeft,
  useReplay,
} from './replay-progress.ts';

/** One replay, as it gets on. */
export function ReplayPage({ id }: { readonly id: string }) {
  const { replay, samples, isLive } = useReplay(id);
  const { data } = replay;
  return (
    <Page title="Replay" aside={<Link href="/replays">All replays</Link>}>
      <p className="mono">{id}</p>
      {replay.isPending && <Loading />}
      <Trouble error={replay.error} />
      {data && (
        <>
          <section className="panel" aria-label="Progress">
            <div className="row spread">
              <div className="row">
                <Badge tone={REPLAY_TONES[data.state]}>{data.state}</Badge>
                {data.why && <span>{data.why}</span>}
                {data.state === 'running' && !isLive && (
                  <span className="quiet">not live: asked every 5 s</span>
                )}
              </div>
              <ReplayActions replay={data} />
            </div>
            <Progress replay={data} samples={samples} />
            {data.died > 0 && (
              <p>
                <Link href={`/dead-letters?replay=${data.id}`}>Look at those that died again</Link>
              </p>
            )}
          </section>
          <What replay={data} />
        </>
      )}
    </Page>
  );
}

/** What was asked for, by whom. */
function What({ replay: { filter, who, note, createdAt, endedAt, perMinute } }: { readonly replay: Replay }) {
  return (
    <section className="panel" aria-labelledby="what">
      <h2 id="what">What was asked for</h2>
      <dl className="facts">
        <div>
          <dt>Which</dt>
          <dd>{describeFilter(filter)}</dd>
        </div>
        <div>
          <dt>By</dt>
          <dd>
            {who}: {note}
          </dd>
        </div>
        <div>
          <dt>Begun</dt>
          <dd>
            <Ago at={createdAt} />
          </dd>
        </div>
        {endedAt !== undefined && (
          <div>
            <dt>Took</dt>
            <dd>{formatDuration(endedAt - createdAt)}</dd>
          </div>
        )}
        <div>
          <dt>At most</dt>
          <dd>
            {perMinute === undefined ? 'as fast as they are delivered' : `${formatCount(perMinute)} a minute`}
          </dd>
        </div>
      </dl>
    </section>
  );
}

interface ProgressProps {
  readonly replay: Replay;
  readonly samples: readonly Sample[];
}

/** How far a replay is, how fast, and how long it has to go. */
export function Progress({ replay, samples }: ProgressProps) {
  const now = useNow(replay.state === 'running');
  const { planned, replayed, delivered, died, removed, outstanding } = replay;
  const isRunning = replay.state === 'running';
  const rate = isRunning ? rateOf(samples, now) : undefined;
  const left = timeLeft(replay, rate);
  const settled = settledOf(replay);
  const share = planned === 0 ? 100 : Math.min(100, Math.floor((settled / planned) * 100));
  const figures: readonly (readonly [string, string])[] = [
    ['Planned', formatCount(planned)],
    ['Put back', formatCount(replayed)],
    ['Delivered', formatCount(delivered)],
    ['Died again', formatCount(died)],
    ['Gone otherwise', formatCount(removed)],
    ['On their way', formatCount(outstanding)],
    ['Rate', rate === undefined ? '–' : `${formatRate(rate)} / s`],
    ['Time left', left === undefined ? '–' : formatDuration(left)],
  ];
  return (
    <>
      <div className="row progress-row">
        <progress
          value={settled}
          max={Math.max(1, planned)}
          aria-label="Dead letters that have come to an end"
        />
        <strong>{share} %</strong>
      </div>
      <Figures all={figures} />
      <Spoken
        text={`${replay.state}: ${formatCount(settled)} of ${formatCount(planned)}, ${formatCount(died)} died again`}
      />
    </>
  );
}

const formatRate = (rate: number) => (rate >= 10 ? formatCount(Math.round(rate)) : rate.toFixed(1));

/** Milliseconds since the epoch, every second while something moves. */
function useNow(isMoving: boolean): number {
  const [now, tick] = useState(() => Date.now());
  useEffect(() => {
    if (!isMoving) return;
    const timer = setInterval(() => tick(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [isMoving]);
  return now;
}

/** Milliseconds between two things that are said aloud. */
const SPOKEN_EVERY = 5_000;

/** Says how it stands to readers of the screen, seldom enough to be listened to. */
function Spoken({ text }: { readonly text: string }) {
  const [said, say] = useState(text);
  const sayLast = useEffectEvent(() => say(text));
  useEffect(() => {
    const timer = setInterval(() => sayLast(), SPOKEN_EVERY);
    return () => clearInterval(timer);
  }, []);
  return (
    <p className="unseen" aria-live="polite">
      {said}
    </p>
  );
}

type Action = 'pause' | 'resume' | 'cancel';

const NAMES: Readonly<Record<Action, string>> = {
  pause: 'Pause the replay',
  resume: 'Resume the replay',
  cancel: 'Cancel the replay',
};

/** What an operator can do with a replay that is not over. */
export function ReplayActions({ replay }: { readonly replay: Replay }) {
  const { id, state, planned, replayed } = replay;
  const client = useQueryClient();
  const [action, act] = useState<Action>();
  const isOperator = useIsOperator();
  if (!isOperator || state === 'done' || state === 'cancelled') return null;
  const change = async (note: string) => {
    const changed = await ask<Replay>(`/replays/${id}/${action}`, { method: 'POST', body: { note } });
    client.setQueryData(replayKey(id), changed);
  };
  return (
    <div className="row">
      {state === 'running' && (
        <button type="button" onClick={() => act('pause')}>
          Pause …
        </button>
      )}
      {state === 'paused' && (
        <button type="button" className="primary" onClick={() => act('resume')}>
          Resume …
        </button>
      )}
      <button type="button" className="danger" onClick={() => act('cancel')}>
        Cancel …
      </button>
      {action && (
        <NoteDialog
          title={NAMES[action]}
          action={NAMES[action]}
          isDangerous={action === 'cancel'}
          onConfirm={change}
          onClose={() => act(undefined)}
        >
          <p>{consequence(action, Math.max(0, planned - replayed))}</p>
        </NoteDialog>
      )}
    </div>
  );
}

function consequence(action: Action, left: number): string {
  switch (action) {
    case 'pause':
      return `Nothing more is put back until it is resumed; ${formatCount(left)} are left. What is on its way goes on.`;
    case 'resume':
      return `It goes on with the ${formatCount(left)} that are left, and is judged by what comes after.`;
    case 'cancel':
      return `The ${formatCount(left)} that are left stay dead, and the replay cannot be resumed. What is on its way goes on.`;
  }
}
