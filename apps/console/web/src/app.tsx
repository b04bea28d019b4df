import { lazy, Suspense } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { useMe } from './api/use-me.ts';
import { NotFound } from './pages/not-found.tsx';
import { Overview } from './pages/overview/overview.tsx';
import { SignIn } from './pages/sign-in.tsx';
import { Loading } from './parts/loading.tsx';
import { StaysWhole } from './parts/stays-whole.tsx';
import { Trouble } from './parts/trouble.tsx';
import { Shell } from './shell.tsx';

// The first view is the overview: what the others need comes when they are gone to.
const DeadLetters = lazy(async () => ({
  default: (await import('./pages/dead-letters/dead-letters.tsx')).DeadLetters,
}));
const DeliveryPage = lazy(async () => ({
  default: (await import('./pages/delivery/delivery.tsx')).DeliveryPage,
}));
const Replays = lazy(async () => ({ default: (await import('./pages/replays/replays.tsx')).Replays }));
const ReplayPage = lazy(async () => ({ default: (await import('./pages/replays/replay.tsx')).ReplayPage }));
const Connections = lazy(async () => ({
  default: (await import('./pages/connections/connections.tsx')).Connections,
}));
const Audit = lazy(async () => ({ default: (await import('./pages/audit.tsx')).Audit }));
const Settings = lazy(async () => ({ default: (await import('./pages/settings.tsx')).Settings }));

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
        <Suspense fallback={<Loading />}>
          <Switch>
            <Route path="/" component={Overview} />
            <Route path="/dead-letters" component={DeadLetters} />
            <Route path="/deliveries/:id">{({ id }) => <DeliveryPage id={id} key={id} />}</Route>
            <Route path="/replays" component={Replays} />
            <Route path="/replays/:id">{({ id }) => <ReplayPage id={id} key={id} />}</Route>
            <Route path="/connections" component={Connections} />
            <Route path="/audit" component={Audit} />
            <Route path="/settings" component={Settings} />
            <Route component={NotFound} />
          </Switch>
        </Suspense>
      </StaysWhole>
    </Shell>
  );
}
