import type { Death } from '../../api/answers.ts';

/** What does not fit, by its place in the body. */
export function Issues({ all }: { readonly all: NonNullable<Death['issues']> }) {
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
