import { ApiProblem } from '../api/api-problem.ts';
import { Issues } from './issues.tsx';

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
