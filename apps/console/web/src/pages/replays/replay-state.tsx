import type { Replay } from '../../api/answers.ts';
import { Badge, type Tone } from '../../parts/badge.tsx';

const TONES: Readonly<Record<Replay['state'], Tone>> = {
  running: 'good',
  paused: 'warn',
  done: 'quiet',
  cancelled: 'quiet',
};

/** Whether a replay runs. */
export function ReplayState({ state }: { readonly state: Replay['state'] }) {
  return <Badge tone={TONES[state]}>{state}</Badge>;
}
