import { type ReactNode, useEffect, useRef } from 'react';

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
