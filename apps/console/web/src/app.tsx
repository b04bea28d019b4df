import { Link, Route, Switch, useLocation } from 'wouter';
import { useMe } from './api/queries.ts';
import { OverviewPage } from './pages/overview/overview.tsx';
import { SignInPage } from './pages/sign-in.tsx';
import { Shell } from './shell.tsx';
import { ErrorMessage, Loading } from './ui/elements.tsx';
import { ErrorBoundary, LazyPage, Page } from './ui/page.tsx';

/** The console: its pages for a signed-in user, otherwise the sign-in page. */
export function App() {
  const me = useMe();
  const [path] = useLocation();
  if (me.isPending) return <Loading />;
  if (me.isError) return <ErrorMessage error={me.error} />;
  if (me.data === null) return <SignInPage />;
  return (
    <Shell me={me.data}>
      <ErrorBoundary key={path}>
        <Switch>
          <Route path="/" component={OverviewPage} />
          <Route path="/dead-letters">
            <LazyPage file={PAGE_FILES['dead-letters']}>
              {({ DeadLettersPage }) => <DeadLettersPage />}
            </LazyPage>
          </Route>
          <Route path="/deliveries/:id">
            {({ id }) => (
              <LazyPage file={PAGE_FILES.deliveries}>
                {({ DeliveryPage }) => <DeliveryPage id={id} key={id} />}
              </LazyPage>
            )}
          </Route>
          <Route path="/replays">
            <LazyPage file={PAGE_FILES.replays}>{({ ReplaysPage }) => <ReplaysPage />}</LazyPage>
          </Route>
          <Route path="/replays/:id">
            {({ id }) => (
              <LazyPage file={PAGE_FILES.replay}>
                {({ ReplayPage }) => <ReplayPage id={id} key={id} />}
              </LazyPage>
            )}
          </Route>
          <Route path="/connections">
            <LazyPage file={PAGE_FILES.connections}>{({ ConnectionsPage }) => <ConnectionsPage />}</LazyPage>
          </Route>
          <Route path="/audit">
            <LazyPage file={PAGE_FILES.audit}>{({ AuditPage }) => <AuditPage />}</LazyPage>
          </Route>
          <Route path="/settings">
            <LazyPage file={PAGE_FILES.settings}>{({ SettingsPage }) => <SettingsPage />}</LazyPage>
          </Route>
          <Route component={NotFound} />
        </Switch>
      </ErrorBoundary>
    </Shell>
  );
}

/** Imports of the page scripts, by the first segment of the path. The overview is part of the main script. */
const PAGE_FILES = {
  'dead-letters': () => import('./pages/dead-letters/dead-letters.tsx'),
  deliveries: () => import('./pages/delivery/delivery.tsx'),
  replays: () => import('./pages/replays/replays.tsx'),
  replay: () => import('./pages/replays/replay.tsx'),
  connections: () => import('./pages/connections/connections.tsx'),
  audit: () => import('./pages/audit.tsx'),
  settings: () => import('./pages/settings.tsx'),
};

/** Starts loading the script of a page while the request for the signed-in user is pending. */
export function preloadPage(path: string): void {
  const [, name = ''] = path.split('/');
  if (name in PAGE_FILES) void PAGE_FILES[name as keyof typeof PAGE_FILES]();
}

function NotFound() {
  return (
    <Page title="Page not found">
      <p>
        <Link href="/">Back to the overview</Link>
      </p>
    </Page>
  );
}
