import { type ReactNode, useEffect, useReducer, useState } from 'react';
import { Loading } from './loading.tsx';

interface LoadedProps<File> {
  readonly file: () => Promise<File>;
  readonly children: (file: File) => ReactNode;
}

/** What has been loaded, by what loads it. */
const known = new Map<unknown, unknown>();

/**
 * Shows what a file of script has, once it is there. React's own `lazy` shows it 300 ms later than that: it spares
 * people the flicker of what loads, and so lets every page wait that comes by its address.
 */
export function Loaded<File>({ file, children }: LoadedProps<File>) {
  const [, again] = useReducer((times: number) => times + 1, 0);
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    if (known.has(file)) return;
    file().then((loaded) => {
      known.set(file, loaded);
      again();
    }, setError);
  }, [file]);
  if (error) throw error;
  const loaded = known.get(file) as File | undefined;
  return loaded ? children(loaded) : <Loading />;
}
