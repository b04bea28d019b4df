import type { View } from '../../view/use-view.ts';
import { AddFilter } from './add-filter.tsx';
import { FilterChips } from './filter-chips.tsx';
import { FreeSearch } from './free-search.tsx';

/** What decides which dead letters the table shows. */
export function FilterBar({ view }: { readonly view: View }) {
  const { params, change } = view;
  return (
    <div className="filter-bar">
      <div className="row">
        <FreeSearch view={view} />
        <label className="inline">
          Among{' '}
          <select
            value={params.get('among') ?? 'dead'}
            onChange={({ target: { value } }) => change({ among: value === 'dead' ? undefined : value })}
          >
            <option value="dead">the dead</option>
            <option value="discarded">the discarded</option>
          </select>
        </label>
        <label className="inline">
          Order{' '}
          <select
            value={params.get('order') ?? 'newest'}
            onChange={({ target: { value } }) => change({ order: value === 'newest' ? undefined : value })}
          >
            <option value="newest">newest first</option>
            <option value="oldest">oldest first</option>
          </select>
        </label>
        <AddFilter view={view} />
      </div>
      <FilterChips view={view} />
    </div>
  );
}
