import { Component, type ReactNode } from 'react';
import { Trouble } from './trouble.tsx';

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
