import { choicesOf, FILTER_NAMES, type FilterName, filterField, maxValuesOf } from '@sluice/queue/filter';
import { useEffect, useEffectEvent, useId, useState } from 'react';
import { useGroups } from '../../api/queries.ts';
import type { Group } from '../../api/types.ts';
import { describeValue } from '../../model/filter.ts';
import type { UrlState } from '../../ui/hooks.ts';

/** Search, status, order and filters of the table. */
export function FilterBar({ url }: { readonly url: UrlState }) {
  const { params, update } = url;
  return (
    <div className="filter-bar">
      <div className="row">
        <SearchField url={url} />
        <label className="inline">
          Status{' '}
          <select
            value={params.get('among') ?? 'dead'}
            onChange={({ target: { value } }) => update({ among: value === 'dead' ? undefined : value })}
          >
            <option value="dead">dead</option>
            <option value="discarded">discarded</option>
          </select>
        </label>
        <label className="inline">
          Order{' '}
          <select
            value={params.get('order') ?? 'newest'}
            onChange={({ target: { value } }) => update({ order: value === 'newest' ? undefined : value })}
          >
            <option value="newest">newest first</option>
            <option value="oldest">oldest first</option>
          </select>
        </label>
        <AddFilter url={url} />
      </div>
      <FilterChips url={url} />
    </div>
  );
}

/** The active filters with remove buttons. */
function FilterChips({ url: { params, update } }: { readonly url: UrlState }) {
  const chips = FILTER_NAMES.flatMap((name) => params.getAll(name).map((value) => ({ name, value })));
  if (chips.length === 0) return null;
  return (
    <ul className="row chips" aria-label="Filters">
      {chips.map(({ name, value }) => (
        <li className="chip" key={`${name} ${value}`}>
          <span>
            <span className="muted">{filterField(name).label}</span> {describeValue(name, value)}
          </span>
          <button
            type="button"
            aria-label={`Remove filter ${filterField(name).label} ${describeValue(name, value)}`}
            onClick={() => update({ [name]: params.getAll(name).filter((other) => other !== value) })}
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
            onClick={() => update(Object.fromEntries(FILTER_NAMES.map((name) => [name, undefined])))}
          >
            Remove all filters
          </button>
        </li>
      )}
    </ul>
  );
}

/** Milliseconds between the last key and the search. */
const DEBOUNCE_MS = 300;

/** Searches the messages and issues of dead letters while the user types. */
function SearchField({ url }: { readonly url: UrlState }) {
  const current = url.params.get('text') ?? '';
  const [typed, setTyped] = useState(current);
  const search = useEffectEvent((text: string) => {
    if (text !== current) url.update({ text: text || undefined }, { replace: true });
  });
  // Navigation and the filter chips change the URL as well.
  const followUrl = useEffectEvent((text: string) => {
    if (text !== typed.trim()) setTyped(text);
  });
  useEffect(() => {
    const timer = setTimeout(() => search(typed.trim()), DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  useEffect(() => followUrl(current), [current]);
  return (
    <input
      type="search"
      className="search-field"
      aria-label="Search messages and issues"
      placeholder="Search messages and issues…"
      maxLength={200}
      value={typed}
      onChange={({ target: { value } }) => setTyped(value)}
    />
  );
}

/** Adds a filter. A new value replaces the old one unless the field takes several. */
function AddFilter({ url: { params, update } }: { readonly url: UrlState }) {
  const [name, setName] = useState<FilterName>('connection');
  const [value, setValue] = useState('');
  const add = () => {
    const parameter = toParameter(name, value);
    if (!parameter) return;
    const isRepeatable = maxValuesOf(name) !== undefined;
    update({ [name]: isRepeatable ? [...new Set([...params.getAll(name), parameter])] : parameter });
    setValue('');
  };
  return (
    <form
      className="row add-filter"
      aria-label="Add filter"
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      <select
        aria-label="Filter name"
        value={name}
        onChange={({ target }) => {
          setName(target.value as FilterName);
          setValue('');
        }}
      >
        {FILTER_NAMES.filter((field) => field !== 'text').map((field) => (
          <option key={field} value={field}>
            {filterField(field).label}
          </option>
        ))}
      </select>
      <ValueField name={name} value={value} onChange={setValue} />
      <button type="submit" disabled={toParameter(name, value) === ''}>
        Add filter
      </button>
    </form>
  );
}

interface ValueFieldProps {
  readonly name: FilterName;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function ValueField({ name, value, onChange }: ValueFieldProps) {
  const listId = useId();
  const groups = useGroups().data ?? [];
  const { label, kind, example } = filterField(name);
  const choices = choicesOf(name);
  const shared = { 'aria-label': `Filter value: ${label}`, value };
  if (choices) {
    return (
      <select {...shared} onChange={({ target }) => onChange(target.value)}>
        <option value="">Select a value</option>
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {describeValue(name, choice)}
          </option>
        ))}
      </select>
    );
  }
  return (
    <>
      <input
        {...shared}
        type={INPUT_TYPES[kind] ?? 'text'}
        placeholder={example}
        list={listId}
        onChange={({ target }) => onChange(target.value)}
      />
      <datalist id={listId}>
        {knownValues(name, groups).map((known) => (
          <option key={known} value={known} />
        ))}
      </datalist>
    </>
  );
}

/** Input types of values that are not text. */
const INPUT_TYPES: Readonly<Record<string, string>> = { moment: 'datetime-local', integer: 'number' };

/** Returns the value as a URL parameter, or '' if it is invalid. */
function toParameter(name: FilterName, value: string): string {
  if (filterField(name).kind !== 'moment') return value.trim();
  const at = new Date(value).getTime();
  return Number.isNaN(at) ? '' : String(at);
}

/** Returns the values of a field that occur in the failure groups. */
function knownValues(name: FilterName, groups: readonly Group[]): readonly string[] {
  const values = groups.map((group): unknown => Reflect.get({ ...group.death, ...group }, name));
  return [...new Set(values.filter((value) => typeof value === 'string'))].toSorted();
}
