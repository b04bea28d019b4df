import type { ReactNode } from 'react';
import { ApiProblem } from '../api/request.ts';
import type { Connection } from '../api/types.ts';
import { formatDuration, formatTime } from '../model/format.ts';

/** A relative time; the tooltip shows the exact time. */
export function TimeAgo({ at }: { readonly at: number }) {
  const ms = Date.now() - at;
  return (
    <time dateTime={new Date(at).toISOString()} title={formatTime(at)}>
      {ms < 2_000 ? 'just now' : `${formatDuration(ms)} ago`}
    </time>
  );
}

export type Tone = 'good' | 'warn' | 'bad' | 'neutral';

/** A state in one or two words. The color adds no information. */
export function Badge({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  return <span className={`badge ${tone}`}>{children}</span>;
}

/** The state of a connection, by its hold. */
export function ConnectionState({ hold }: { readonly hold: { readonly by: HoldCause } | null }) {
  const [tone, label] = hold ? HOLD_BADGES[hold.by] : (['good', 'active'] as const);
  return <Badge tone={tone}>{label}</Badge>;
}

type HoldCause = NonNullable<Connection['hold']>['by'];

const HOLD_BADGES: Readonly<Record<HoldCause, readonly [Tone, string]>> = {
  refusals: ['bad', 'circuit open'],
  operator: ['warn', 'paused'],
};

/** Numbers below their names. */
export function Stats({ stats }: { readonly stats: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className="stats">
      {stats.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface IssueListProps {
  readonly issues: readonly { readonly path: string; readonly message: string }[];
}

/** Schema issues with their paths. */
export function IssueList({ issues }: IssueListProps) {
  if (issues.length === 0) return null;
  return (
    <ul className="issues">
      {issues.map(({ path, message }) => (
        <li key={`${path} ${message}`}>
          <code>{path || '(root)'}</code> {message}
        </li>
      ))}
    </ul>
  );
}

export function Loading() {
  return (
    <p className="muted" role="status">
      Loading…
    </p>
  );
}

/** Shows an error with its issues, or nothing without an error. */
export function ErrorMessage({ error }: { readonly error: unknown }) {
  if (!error) return null;
  return (
    <div className="error-message" role="alert">
      <p>{error instanceof Error ? error.message : String(error)}</p>
      <IssueList issues={error instanceof ApiProblem ? error.issues : []} />
    </div>
  );
}
