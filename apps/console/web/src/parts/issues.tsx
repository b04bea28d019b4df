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
