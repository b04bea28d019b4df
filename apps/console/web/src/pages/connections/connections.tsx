import { useQuery } from '@tanstack/react-query';
import type { Connection, Group } from '../../api/answers.ts';
import { ask } from '../../api/ask.ts';
import { LIVE } from '../../api/query-client.ts';
import { useGroups } from '../../api/use-groups.ts';
import { Loading } from '../../parts/loading.tsx';
import { Page } from '../../parts/page.tsx';
import { Trouble } from '../../parts/trouble.tsx';
import { useView } from '../../view/use-view.ts';
import { useOverview } from '../overview/use-overview.ts';
import { ConnectionCard } from './connection-card.tsx';

/** Each connection: how it stands, what it may use, and how its platform is set up. `?open=` shows one opened. */
export function Connections() {
  const { data, error } = useQuery({
    queryKey: ['connections'],
    queryFn: ({ signal }) => ask<{ connections: Connection[] }>('/connections', { signal }),
    refetchInterval: LIVE,
  });
  const groups = useGroups();
  const overview = useOverview().data;
  const { params, change } = useView();
  const open = params.get('open');
  return (
    <Page title="Connections">
      <Trouble error={error} />
      {!data && !error && <Loading />}
      {data?.connections.length === 0 && <p>The connections file has none.</p>}
      {data?.connections.map((connection) => (
        <ConnectionCard
          key={connection.id}
          connection={connection}
          use={overview?.connections.find(({ id }) => id === connection.id)}
          lastDeath={lastOf(groups.data ?? [], connection.id)}
          isOpen={connection.id === open}
          onToggle={(isOpen) => change({ open: isOpen ? connection.id : undefined }, { replace: true })}
        />
      ))}
    </Page>
  );
}

/** The cause of which a delivery of the connection died last. */
function lastOf(groups: readonly Group[], connection: string): Group | undefined {
  return groups
    .filter((group) => group.connection === connection)
    .reduce<Group | undefined>((last, group) => (last && last.last >= group.last ? last : group), undefined);
}
