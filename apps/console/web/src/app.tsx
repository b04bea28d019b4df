import { Route, Switch, useLocation } from 'wouter';
import { useMe } from './api/use-me.ts';
import { PAGE_FILES } from './page-files.ts';
import { NotFound } from './pages/not-found.tsx';
import { Overview } from './pages/overview/overview.tsx';
import { SignIn } from './pages/sign-in.tsx';
import { Loaded } from './parts/loaded.tsx';
import { Loading } from './parts/loading.tsx';
import { StaysWhole } from './parts/stays-whole.tsx';
import { Trouble } from './parts/trouble.tsx';
import { Shell } from './shell.tsx';

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
          <Route path="/" component={Overview} />
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
