import { Component, type ReactNode, useEffect, useReducer, useRef, useState } from 'react';
import { ErrorMessage, Loading } from './elements.tsx';

interface PageProps {
  readonly title: string;
  /** Buttons or links next to the title. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** A page with its title. The title gets the focus on navigation, so that screen readers announce it. */
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

interface ErrorBoundaryState {
  readonly error: unknown;
}

/** Limits a rendering error to the current page. React supports this only in classes. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, ErrorBoundaryState> {
  override readonly state: ErrorBoundaryState = { error: undefined };

  static getDerivedStateFromError(error: unknown): ErrorBoundaryState {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return (
      <>
        <h1>Something went wrong</h1>
        <ErrorMessage error={error} />
        <p>This is a bug in the console. Reload the page. Other pages are not affected.</p>
        <button type="button" onClick={() => location.reload()}>
          Reload the page
        </button>
      </>
    );
  }
}

interface LazyPageProps<File> {
  /** Imports the script of the page. */
  readonly file: () => Promise<File>;
  readonly children: (file: File) => ReactNode;
}

/** Loaded scripts, by their import function. */
const loadedFiles = new Map<unknown, unknown>();

/** Loads and renders a page. React's `lazy` delays rendering by 300 ms to avoid flicker, also on the first view. */
export function LazyPage<File>({ file, children }: LazyPageProps<File>) {
  const [, rerender] = useReducer((times: number) => times + 1, 0);
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    if (loadedFiles.has(file)) return;
    file().then((loaded) => {
      loadedFiles.set(file, loaded);
      rerender();
    }, setError);
  }, [file]);
  if (error) throw error;
  const loaded = loadedFiles.get(file) as File | undefined;
  return loaded ? children(loaded) : <Loading />;
}
