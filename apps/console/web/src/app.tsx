import { Link, Route, Switch, useLocation } from 'wouter';
import { useMe } from './api/queries.ts';
import { OverviewPage } from './pages/overview/overview.tsx';
import { SignIn } from './pages/sign-in.tsx';
import { Shell } from './shell.tsx';
import { Loading, Trouble } from './ui/elements.tsx';
import { Loaded, Page, StaysWhole } from './ui/page.tsx';

/** The console: whoever is signed in sees its pages, anybody else is asked for a token. */
export function App() {
  const me = useMe();
  const [path] = useLocation();
  if (me.isPending) return <Loading />;
  if (me.isError) return <Trouble error={me.error} />;
  if (me.data === null) return <SignIn />;
  return (
    <Shell me={me.data}>
      <StaysWhole key={path}>
        <Switch>
          <Route path="/" component={OverviewPage} />
          <Route path="/dead-letters">
            <Loaded file={PAGE_FILES['dead-letters']}>{({ DeadLetters }) => <DeadLetters />}</Loaded>
          </Route>
          <Route path="/deliveries/:id">
            {({ id }) => (
              <Loaded file={PAGE_FILES.deliveries}>
                {({ DeliveryPage }) => <DeliveryPage id={id} key={id} />}
              </Loaded>
            )}
          </Route>
          <Route path="/replays">
            <Loaded file={PAGE_FILES.replays}>{({ Replays }) => <Replays />}</Loaded>
          </Route>
          <Route path="/replays/:id">
            {({ id }) => (
              <Loaded file={PAGE_FILES.replay}>{({ ReplayPage }) => <ReplayPage id={id} key={id} />}</Loaded>
            )}
          </Route>
          <Route path="/connections">
            <Loaded file={PAGE_FILES.connections}>{({ Connections }) => <Connections />}</Loaded>
          </Route>
          <Route path="/audit">
            <Loaded file={PAGE_FILES.audit}>{({ Audit }) => <Audit />}</Loaded>
          </Route>
          <Route path="/settings">
            <Loaded file={PAGE_FILES.settings}>{({ Settings }) => <Settings />}</Loaded>
          </Route>
          <Route component={NotFound} />
        </Switch>
      </StaysWhole>
    </Shell>
  );
}

/** Where each page's script is, by the first part of its address. The overview comes with the first view. */
const PAGE_FILES = {
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

function NotFound() {
  return (
    <Page title="There is no such page">
      <p>
        <Link href="/">Back to the overview</Link>
      </p>
    </Page>
  );
}
