import { useState } from 'react';
import { Page } from '../../parts/page.tsx';
import { useView, type View } from '../../view/use-view.ts';
import '../../style-data.css';
import { type Acting, ActionDialog } from './action-dialog.tsx';
import { FilterBar } from './filter-bar.tsx';
import { Groups } from './groups.tsx';
import { LetterTable } from './letter-table.tsx';

/** Dead letters: their causes first, then one by one. The address holds the whole view. */
export function DeadLetters() {
  const view = useFirstPage(useView());
  const [acting, act] = useState<Acting>();
  const [done, tell] = useState('');
  const isDiscarded = view.params.get('among') === 'discarded';
  return (
    <Page title="Dead letters">
      {done && (
        <p className="notice" role="status">
          {done}
        </p>
      )}
      <Groups view={view} onAct={act} />
      <section className="panel" aria-labelledby="letters">
        <h2 id="letters">{isDiscarded ? 'Discarded, one by one' : 'One by one'}</h2>
        <FilterBar view={view} />
        <LetterTable params={view.params} onAct={act} />
      </section>
      {acting && <ActionDialog acting={acting} onDone={tell} onClose={() => act(undefined)} />}
    </Page>
  );
}

/** Whatever is changed, what is shown begins at its first page. */
function useFirstPage({ params, change }: View): View {
  return { params, change: (changes, options) => change({ cursor: undefined, ...changes }, options) };
}
