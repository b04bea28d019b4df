import { useEffect, useEffectEvent, useState } from 'react';
import type { Replay } from '../../api/answers.ts';
import { Figures } from '../../parts/figures.tsx';
import { formatCount, formatDuration } from '../../view/format.ts';
import { rateOf, type Sample, settledOf, timeLeft } from '../../view/replay-progress.ts';

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
