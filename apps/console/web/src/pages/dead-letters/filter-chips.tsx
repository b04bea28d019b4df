import { describeValue, FILTER_FIELDS, filterFields } from '../../view/filter.ts';
import type { View } from '../../view/use-view.ts';

/** Each part of the filter, with a button that takes it away. */
export function FilterChips({ view: { params, change } }: { readonly view: View }) {
  const chips = filterFields.flatMap((name) => params.getAll(name).map((value) => ({ name, value })));
  if (chips.length === 0) return null;
  return (
    <ul className="row chips" aria-label="Filters">
      {chips.map(({ name, value }) => (
        <li className="chip" key={`${name} ${value}`}>
          <span>
            <span className="quiet">{FILTER_FIELDS[name]}</span> {describeValue(name, value)}
          </span>
          <button
            type="button"
            aria-label={`Remove the filter ${FILTER_FIELDS[name]} ${describeValue(name, value)}`}
            onClick={() => change({ [name]: params.getAll(name).filter((one) => one !== value) })}
          >
            ×
          </button>
        </li>
      ))}
      {chips.length > 1 && (
        <li>
          <button
            type="button"
            className="plain"
            onClick={() => change(Object.fromEntries(filterFields.map((name) => [name, undefined])))}
          >
            Remove all
          </button>
        </li>
      )}
    </ul>
  );
}
