import { useEffect, useEffectEvent, useState } from 'react';
import type { View } from '../../view/use-view.ts';

/** Milliseconds without a key before what was typed is looked for. */
const PAUSE = 300;

/** Looks for words in the messages and issues of dead letters, as somebody types. */
export function FreeSearch({ view }: { readonly view: View }) {
  const inAddress = view.params.get('text') ?? '';
  const [typed, type] = useState(inAddress);
  const search = useEffectEvent((text: string) => {
    if (text !== inAddress) view.change({ text: text || undefined }, { replace: true });
  });
  // Somebody went back, or took the filter away.
  const follow = useEffectEvent((text: string) => {
    if (text !== typed.trim()) type(text);
  });
  useEffect(() => {
    const timer = setTimeout(() => search(typed.trim()), PAUSE);
    return () => clearTimeout(timer);
  }, [typed]);
  useEffect(() => follow(inAddress), [inAddress]);
  return (
    <input
      type="search"
      className="free-search"
      aria-label="Search in messages and issues"
      placeholder="In messages and issues …"
      maxLength={200}
      value={typed}
      onChange={({ target: { value } }) => type(value)}
    />
  );
}
