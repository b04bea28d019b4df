import { useEffect, useState } from 'react';
import { useLocation, useSearch } from 'wouter';

type Changes = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The state of a page that its URL contains, so that a link shows the same view. */
export interface UrlState {
  readonly params: URLSearchParams;
  /** Sets parameters; `undefined` removes one. `replace` adds no entry to the browser history. */
  update(changes: Changes, options?: { readonly replace?: boolean }): void;
}

/** Returns the parameters of the current URL and a function that changes them. */
export function useUrlState(): UrlState {
  const [path, navigate] = useLocation();
  const params = new URLSearchParams(useSearch());
  return {
    params,
    update: (changes, options = {}) => {
      const next = new URLSearchParams(params);
      for (const [name, value] of Object.entries(changes)) {
        next.delete(name);
        for (const text of typeof value === 'string' ? [value] : (value ?? [])) {
          if (text) next.append(name, text);
        }
      }
      const query = next.toString();
      navigate(query ? `${path}?${query}` : path, { replace: options.replace ?? false });
    },
  };
}

/** Returns the last value that did not change for `ms` milliseconds. */
export function useDebounced<T>(value: T, ms: number): T {
  const [stable, setStable] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setStable(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return stable;
}
