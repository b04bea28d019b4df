import { type ReactNode, useEffect, useId, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Me } from './api/queries.ts';
import { ask } from './api/request.ts';

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

const DELIVERY = /^dlv_[\w-]+$/;
const REPLAY = /^rpl_[\w-]+$/;

/** Goes to a delivery or replay by its id, and for anything else looks in the dead letters’ messages. */
function FindDelivery() {
  const [text, setText] = useState('');
  const [, go] = useLocation();
  const field = useId();
  const find = () => {
    const wanted = text.trim();
    if (!wanted) return;
    setText('');
    if (DELIVERY.test(wanted)) go(`/deliveries/${wanted}`);
    else if (REPLAY.test(wanted)) go(`/replays/${wanted}`);
    else go(`/dead-letters?text=${encodeURIComponent(wanted)}`);
  };
  return (
    <search>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          find();
        }}
      >
        <label htmlFor={field} className="unseen">
          Find a delivery or replay by its id, or a word in the dead letters
        </label>
        <input
          id={field}
          type="search"
          placeholder="dlv_…, rpl_…, or a word"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </form>
    </search>
  );
}

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'sluice-theme';
const isTheme = (text: string | null): text is Theme =>
  text === 'light' || text === 'dark' || text === 'system';

/** How bright the page is: as the system says, unless chosen otherwise; remembered by this browser. */
function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, choose] = useState<Theme>(() => {
    const kept = localStorage.getItem(KEY);
    return isTheme(kept) ? kept : 'system';
  });
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem(KEY, theme);
  }, [theme]);
  return [theme, choose];
}
