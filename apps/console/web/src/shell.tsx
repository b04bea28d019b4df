import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { ask } from './api/ask.ts';
import type { Me } from './api/use-me.ts';
import { FindDelivery } from './parts/find-delivery.tsx';
import { type Theme, useTheme } from './view/use-theme.ts';

const PLACES = [
  ['/', 'Overview'],
  ['/dead-letters', 'Dead letters'],
  ['/replays', 'Replays'],
  ['/connections', 'Connections'],
  ['/audit', 'Audit'],
  ['/settings', 'Settings'],
] as const;

/** What stands around every page: where one can go, and who one is. */
export function Shell({ me, children }: { readonly me: Me; readonly children: ReactNode }) {
  const [path] = useLocation();
  return (
    <>
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <header className="bar">
        <Link href="/" className="brand">
          Sluice
        </Link>
        <nav aria-label="Pages">
          {PLACES.map(([to, name]) => (
            <Link key={to} href={to} aria-current={isWithin(path, to) ? 'page' : undefined}>
              {name}
            </Link>
          ))}
          {me.role === 'operator' && <a href="/queues">Raw queue</a>}
        </nav>
        <FindDelivery />
        <ThemeChoice />
        <Who me={me} />
      </header>
      <main id="main">{children}</main>
    </>
  );
}

const isWithin = (path: string, place: string) =>
  place === '/' ? path === '/' : path === place || path.startsWith(`${place}/`);

function ThemeChoice() {
  const [theme, choose] = useTheme();
  return (
    <select aria-label="Brightness" value={theme} onChange={(event) => choose(event.target.value as Theme)}>
      <option value="system">Auto</option>
      <option value="light">Light</option>
      <option value="dark">Dark</option>
    </select>
  );
}

function Who({ me }: { readonly me: Me }) {
  const signOut = async () => {
    await ask('/session', { method: 'DELETE' });
    await ask('/session', { method: 'DELETE' });
    // With the page goes all that it still knows.
    location.assign('/');
  };
  return (
    <div className="who">
      <span>
        {me.name} <span className="quiet">· {me.role}</span>
      </span>
      {me.signIn === 'token' && (
        <button type="button" onClick={() => void signOut()}>
          Sign out
        </button>
      )}
    </div>
  );
}
