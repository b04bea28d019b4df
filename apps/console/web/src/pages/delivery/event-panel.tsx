import { useMemo } from 'react';
import type { Delivery, Mapped } from '../../api/answers.ts';
import { Badge } from '../../parts/badge.tsx';
import { Issues } from '../../parts/issues.tsx';
import { JsonTree } from '../../parts/json-tree.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Trouble } from '../../parts/trouble.tsx';
import { nodeOf } from '../../view/json-text.ts';
import { nameOfReason } from '../../view/reasons.ts';
import { useMapped } from './use-delivery.ts';

/** What today's mapper makes of a delivery, beside its body. */
export function EventPanel({ delivery }: { readonly delivery: Delivery }) {
  const mapped = useMapped(delivery.id);
  return (
    <section className="panel" aria-labelledby="event">
      <div className="row spread">
        <h2 id="event">Event, as today’s mapper makes it</h2>
        <button type="button" onClick={() => void mapped.refetch()} disabled={mapped.isFetching}>
          Map again
        </button>
      </div>
      {mapped.isPending && <Loading />}
      <Trouble error={mapped.error} />
      {mapped.data && <Result mapped={mapped.data} />}
    </section>
  );
}

function Result({ mapped }: { readonly mapped: Mapped }) {
  const payload = mapped.ok ? mapped.payload : undefined;
  const node = useMemo(() => nodeOf(payload), [payload]);
  if (mapped.ok) {
    return (
      <>
        <p className="row">
          <Badge tone="good">fits</Badge>{' '}
          {mapped.event ? <code>{mapped.event}</code> : 'It becomes no event.'}
        </p>
        {mapped.event !== undefined && <JsonTree label="the event’s payload" node={node} isParsed />}
      </>
    );
  }
  const { reason, message, issues = [] } = mapped;
  return (
    <>
      <p className="row">
        <Badge tone="bad">{nameOfReason(reason)}</Badge> {message}
      </p>
      <Issues all={issues} />
      <p className="quiet">Replayed as it is, it would die again.</p>
    </>
  );
}
