import { useEffect, useState } from 'react';
import { useLocation, useSearch } from 'wouter';

type Changes = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface View {
  readonly params: URLSearchParams;
  /** Changes some of it; undefined takes it away. `replace` leaves no step to go back to, as while somebody types. */
  change(changes: Changes, options?: { readonly replace?: boolean }): void;
}

/** What a page shows, as its address says it: whoever is sent the address sees the same. */
export function useView(): View {
  const [path, go] = useLocation();
  const params = new URLSearchParams(useSearch());
  return {
    params,
    change: (changes, options = {}) => {
      const next = new URLSearchParams(params);
      for (const [name, value] of Object.entries(changes)) {
        next.delete(name);
        for (const one of typeof value === 'string' ? [value] : (value ?? []))
          if (one) next.append(name, one);
      }
      const query = next.toString();
      go(query ? `${path}?${query}` : path, { replace: options.replace ?? false });
    },
  };
}

/** A value as it stood when it had not changed for so long, in milliseconds. */
export function useDebounced<T>(value: T, ms: number): T {
  const [settled, settle] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => settle(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
