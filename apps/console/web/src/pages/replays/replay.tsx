import { Link } from 'wouter';
import type { Replay } from '../../api/answers.ts';
import { Ago } from '../../parts/ago.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Page } from '../../parts/page.tsx';
import { Trouble } from '../../parts/trouble.tsx';
import { describeFilter } from '../../view/filter.ts';
import { formatCount, formatDuration } from '../../view/format.ts';
import '../../style-data.css';
import { Progress } from './progress.tsx';
import { ReplayActions } from './replay-actions.tsx';
import { ReplayState } from './replay-state.tsx';
import { useReplay } from './use-replay.ts';

/** One replay, as it gets on. */
export function ReplayPage({ id }: { readonly id: string }) {
  const { replay, samples, isLive } = useReplay(id);
  const { data } = replay;
  return (
    <Page title="Replay" aside={<Link href="/replays">All replays</Link>}>
      <p className="mono">{id}</p>
      {replay.isPending && <Loading />}
      <Trouble error={replay.error} />
      {data && (
        <>
          <section className="panel" aria-label="Progress">
            <div className="row spread">
              <div className="row">
                <ReplayState state={data.state} />
                {data.why && <span>{data.why}</span>}
                {data.state === 'running' && !isLive && (
                  <span className="quiet">not live: asked every 5 s</span>
                )}
              </div>
              <ReplayActions replay={data} />
            </div>
            <Progress replay={data} samples={samples} />
            {data.died > 0 && (
              <p>
                <Link href={`/dead-letters?replay=${data.id}`}>Look at those that died again</Link>
              </p>
            )}
          </section>
          <What replay={data} />
        </>
      )}
    </Page>
  );
}

/** What was asked for, by whom. */
function What({ replay: { filter, who, note, createdAt, endedAt, perMinute } }: { readonly replay: Replay }) {
  return (
    <section className="panel" aria-labelledby="what">
      <h2 id="what">What was asked for</h2>
      <dl className="facts">
        <div>
          <dt>Which</dt>
          <dd>{describeFilter(filter)}</dd>
        </div>
        <div>
          <dt>By</dt>
          <dd>
            {who}: {note}
          </dd>
        </div>
        <div>
          <dt>Begun</dt>
          <dd>
            <Ago at={createdAt} />
          </dd>
        </div>
        {endedAt !== undefined && (
          <div>
            <dt>Took</dt>
            <dd>{formatDuration(endedAt - createdAt)}</dd>
          </div>
        )}
        <div>
          <dt>At most</dt>
          <dd>
            {perMinute === undefined ? 'as fast as they are delivered' : `${formatCount(perMinute)} a minute`}
          </dd>
        </div>
      </dl>
    </section>
  );
}
