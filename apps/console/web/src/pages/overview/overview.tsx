import { Loading } from '../../parts/loading.tsx';
import { Page } from '../../parts/page.tsx';
import { Trouble } from '../../parts/trouble.tsx';
import { Attention } from './attention.tsx';
import { ConnectionsTable } from './connections-table.tsx';
import { Equation } from './equation.tsx';
import { Totals } from './totals.tsx';
import { useOverview } from './use-overview.ts';

/** The first view: what needs attention, how much comes and goes, and whether everything is accounted for. */
export function Overview() {
  const { data, error } = useOverview();
  return (
    <Page title="Overview">
      <Trouble error={error} />
      {data ? (
        <>
          <Attention all={data.attention} />
          <Totals overview={data} />
          <ConnectionsTable connections={data.connections} since={data.since} />
          <Equation ledger={data.ledger} />
        </>
      ) : (
        !error && <Loading />
      )}
    </Page>
  );
}
