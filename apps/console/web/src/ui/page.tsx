import { Component, type ReactNode, useEffect, useReducer, useRef, useState } from 'react';
import { Loading, Trouble } from './elements.tsx';

interface PageProps {
  readonly title: string;
  /** Beside the title, e.g. buttons. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** A page under its title, which gets the focus when the page is come to, so that readers of the screen hear it. */
export function Page({ title, aside, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Sluice`;
    heading.current?.focus({ preventScroll: true });
  }, [title]);
  return (
    <>
      <header className="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {aside && <div className="row">{aside}</div>}
      </header>
      {children}
    </>
  );
}

interface State {
  readonly error: unknown;
}

/** Keeps the fault of one page from taking the whole console away. React has this for classes only. */
export class StaysWhole extends Component<{ readonly children: ReactNode }, State> {
  override readonly state: State = { error: undefined };

  static getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return (
      <>
        <h1>This page does not work</h1>
        <Trouble error={error} />
        <p>That is a fault of the console. The others work; loading this one anew may help.</p>
        <button type="button" onClick={() => location.reload()}>
          Load it anew
        </button>
      </>
    );
  }
}

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
