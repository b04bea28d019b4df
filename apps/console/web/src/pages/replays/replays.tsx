import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Replay } from '../../api/answers.ts';
import { ask } from '../../api/ask.ts';
import { LIVE } from '../../api/query-client.ts';
import { useIsOperator } from '../../api/use-me.ts';
import { Loading } from '../../parts/loading.tsx';
import { Page } from '../../parts/page.tsx';
import { ReplayDialog } from '../../parts/replay-dialog.tsx';
import { Trouble } from '../../parts/trouble.tsx';
import '../../style-data.css';
import type { Filter } from '../../view/filter.ts';
import { NewReplay } from './new-replay.tsx';
import { ReplayTable } from './replay-table.tsx';

/** What was put back, and how that went. */
export function Replays() {
  const isOperator = useIsOperator();
  const [isChoosing, choose] = useState(false);
  const [filter, plan] = useState<Filter>();
  const replays = useQuery({
    queryKey: ['replays', 'list'],
    queryFn: ({ signal }) => ask<{ readonly replays: readonly Replay[] }>('/replays?limit=100', { signal }),
    refetchInterval: LIVE,
  });
  const aside = isOperator && (
    <button type="button" className="primary" onClick={() => choose(true)}>
      New replay …
    </button>
  );
  return (
    <Page title="Replays" aside={aside}>
      <section className="panel" aria-label="Replays, the newest first">
        {replays.isPending && <Loading />}
        <Trouble error={replays.error} />
        {replays.data && <ReplayTable replays={replays.data.replays} />}
      </section>
      {isChoosing && (
        <NewReplay
          onChosen={(chosen) => {
            choose(false);
            plan(chosen);
          }}
          onClose={() => choose(false)}
        />
      )}
      {filter && <ReplayDialog filter={filter} onClose={() => plan(undefined)} />}
    </Page>
  );
}
