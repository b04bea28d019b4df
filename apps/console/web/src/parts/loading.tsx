/** Stands where something is on its way. */
export function Loading() {
  return (
    <p className="quiet" role="status">
      Loading …
    </p>
  );
}
