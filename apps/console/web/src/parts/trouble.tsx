import { ApiProblem } from '../api/api-problem.ts';

/** What went wrong, in words; nothing where nothing did. */
export function Trouble({ error }: { readonly error: unknown }) {
  if (!error) return null;
  const issues = error instanceof ApiProblem ? error.issues : [];
  return (
    <div className="trouble" role="alert">
      <p>{error instanceof Error ? error.message : String(error)}</p>
      {issues.length > 0 && (
        <ul>
          {issues.map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              <code>{path}</code> {message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
