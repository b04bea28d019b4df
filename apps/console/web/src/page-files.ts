/** Where each page's script is, by the first part of its address. The overview comes with the first view. */
export const PAGE_FILES = {
  'dead-letters': () => import('./pages/dead-letters/dead-letters.tsx'),
  deliveries: () => import('./pages/delivery/delivery.tsx'),
  replays: () => import('./pages/replays/replays.tsx'),
  replay: () => import('./pages/replays/replay.tsx'),
  connections: () => import('./pages/connections/connections.tsx'),
  audit: () => import('./pages/audit.tsx'),
  settings: () => import('./pages/settings.tsx'),
};

/** Fetches the script of the page that is asked for, while it is still asked who is signed in. */
export function fetchPage(path: string): void {
  const [, name = ''] = path.split('/');
  if (name in PAGE_FILES) void PAGE_FILES[name as keyof typeof PAGE_FILES]();
}
