import { type ReactNode, useEffect, useId, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Me } from './api/queries.ts';
import { request } from './api/request.ts';

const PAGES = [
  ['/', 'Overview'],
  ['/dead-letters', 'Dead letters'],
  ['/replays', 'Replays'],
  ['/connections', 'Connections'],
  ['/audit', 'Audit'],
  ['/settings', 'Settings'],
] as const;

/** The frame of every page: navigation, search, theme and the signed-in user. */
export function Shell({ me, children }: { readonly me: Me; readonly children: ReactNode }) {
  const [path] = useLocation();
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="bar">
        <Link href="/" className="brand">
          Sluice
        </Link>
        <nav aria-label="Pages">
          {PAGES.map(([to, name]) => (
            <Link key={to} href={to} aria-current={isCurrent(path, to) ? 'page' : undefined}>
              {name}
            </Link>
          ))}
          {me.role === 'operator' && <a href="/queues">Raw queue</a>}
        </nav>
        <SearchBox />
        <ThemeSelect />
        <CurrentUser me={me} />
      </header>
      <main id="main">{children}</main>
    </>
  );
}

const isCurrent = (path: string, page: string) =>
  page === '/' ? path === '/' : path === page || path.startsWith(`${page}/`);

function ThemeSelect() {
  const [theme, setTheme] = useTheme();
  return (
    <select aria-label="Theme" value={theme} onChange={(event) => setTheme(event.target.value as Theme)}>
      <option value="system">Auto</option>
      <option value="light">Light</option>
      <option value="dark">Dark</option>
    </select>
  );
}

function CurrentUser({ me }: { readonly me: Me }) {
  const signOut = async () => {
    await request('/session', { method: 'DELETE' });
    // A full reload discards all cached data.
    location.assign('/');
  };
  return (
    <div className="current-user">
      <span>
        {me.name} <span className="muted">· {me.role}</span>
      </span>
      {me.signIn === 'token' && (
        <button type="button" onClick={() => void signOut()}>
          Sign out
        </button>
      )}
    </div>
  );
}

const DELIVERY_ID = /^dlv_[\w-]+$/;
const REPLAY_ID = /^rpl_[\w-]+$/;

/** Opens a delivery or replay by id. Any other text searches the messages of the dead letters. */
function SearchBox() {
  const [text, setText] = useState('');
  const [, navigate] = useLocation();
  const field = useId();
  const search = () => {
    const query = text.trim();
    if (!query) return;
    setText('');
    if (DELIVERY_ID.test(query)) navigate(`/deliveries/${query}`);
    else if (REPLAY_ID.test(query)) navigate(`/replays/${query}`);
    else navigate(`/dead-letters?text=${encodeURIComponent(query)}`);
  };
  return (
    <search>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          search();
        }}
      >
        <label htmlFor={field} className="visually-hidden">
          Delivery id, replay id, or text in dead letters
        </label>
        <input
          id={field}
          type="search"
          placeholder="Id or text"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </form>
    </search>
  );
}

type Theme = 'system' | 'light' | 'dark';

const STORAGE_KEY = 'sluice-theme';

const isTheme = (text: string | null): text is Theme =>
  text === 'light' || text === 'dark' || text === 'system';

/** The color theme. The browser stores the choice; the default follows the system. */
function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState<Theme>(() => {
    const stored = localStorage.getItem(STORAGE_KEY);
    return isTheme(stored) ? stored : 'system';
  });
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem(STORAGE_KEY, theme);
  }, [theme]);
  return [theme, setTheme];
}
