import type { ReactNode } from 'react';
import { ApiProblem } from '../api/request.ts';
import { formatDuration, formatMoment } from '../model/format.ts';

/** How long ago that was, and when exactly to whoever points at it. */
export function Ago({ at }: { readonly at: number }) {
  const ms = Date.now() - at;
  return (
    <time dateTime={new Date(at).toISOString()} title={formatMoment(at)}>
      {ms < 2_000 ? 'just now' : `${formatDuration(ms)} ago`}
    </time>
  );
}

export type Tone = 'good' | 'warn' | 'bad' | 'quiet';

/** A state, in a word. Its colour says nothing that the word does not. */
export function Badge({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  return <span className={`badge ${tone}`}>{children}</span>;
}

/** Figures with their names, the name above. */
export function Figures({ all }: { readonly all: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className="figures">
      {all.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface IssuesProps {
  readonly all: readonly { readonly path: string; readonly message: string }[];
}

/** What does not fit, by its place. */
export function Issues({ all }: IssuesProps) {
  if (all.length === 0) return null;
  return (
    <ul className="issues">
      {all.map(({ path, message }) => (
        <li key={`${path} ${message}`}>
          <code>{path || '(whole)'}</code> {message}
        </li>
      ))}
    </ul>
  );
}

/** Stands where something is on its way. */
export function Loading() {
  return (
    <p className="quiet" role="status">
      Loading …
    </p>
  );
}

/** What went wrong, in words; nothing where nothing did. */
export function Trouble({ error }: { readonly error: unknown }) {
  if (!error) return null;
  return (
    <div className="trouble" role="alert">
      <p>{error instanceof Error ? error.message : String(error)}</p>
      <Issues all={error instanceof ApiProblem ? error.issues : []} />
    </div>
  );
}
