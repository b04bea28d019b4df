import { choicesOf, FILTER_NAMES, type FilterName, filterField, maxValuesOf } from '@sluice/queue/filter';
import { useEffect, useEffectEvent, useId, useState } from 'react';
import { useGroups } from '../../api/queries.ts';
import type { Group } from '../../api/types.ts';
import { describeValue } from '../../model/filter.ts';
import type { View } from '../../ui/hooks.ts';

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

/** Each part of the filter, with a button that takes it away. */
function FilterChips({ view: { params, change } }: { readonly view: View }) {
  const chips = FILTER_NAMES.flatMap((name) => params.getAll(name).map((value) => ({ name, value })));
  if (chips.length === 0) return null;
  return (
    <ul className="row chips" aria-label="Filters">
      {chips.map(({ name, value }) => (
        <li className="chip" key={`${name} ${value}`}>
          <span>
            <span className="quiet">{filterField(name).label}</span> {describeValue(name, value)}
          </span>
          <button
            type="button"
            aria-label={`Remove the filter ${filterField(name).label} ${describeValue(name, value)}`}
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
            onClick={() => change(Object.fromEntries(FILTER_NAMES.map((name) => [name, undefined])))}
          >
            Remove all
          </button>
        </li>
      )}
    </ul>
  );
}

/** Milliseconds without a key before what was typed is looked for. */
const PAUSE = 300;

/** Looks for words in the messages and issues of dead letters, as somebody types. */
function FreeSearch({ view }: { readonly view: View }) {
  const inAddress = view.params.get('text') ?? '';
  const [typed, type] = useState(inAddress);
  const search = useEffectEvent((text: string) => {
    if (text !== inAddress) view.change({ text: text || undefined }, { replace: true });
  });
  // Somebody went back, or took the filter away.
  const follow = useEffectEvent((text: string) => {
    if (text !== typed.trim()) type(text);
  });
  useEffect(() => {
    const timer = setTimeout(() => search(typed.trim()), PAUSE);
    return () => clearTimeout(timer);
  }, [typed]);
  useEffect(() => follow(inAddress), [inAddress]);
  return (
    <input
      type="search"
      className="free-search"
      aria-label="Search in messages and issues"
      placeholder="In messages and issues …"
      maxLength={200}
      value={typed}
      onChange={({ target: { value } }) => type(value)}
    />
  );
}

/** Adds a field to the filter. A new value replaces that of a field that has only one. */
function AddFilter({ view: { params, change } }: { readonly view: View }) {
  const [name, choose] = useState<FilterName>('connection');
  const [value, setValue] = useState('');
  const add = () => {
    const given = toParameter(name, value);
    if (!given) return;
    const isRepeatable = maxValuesOf(name) !== undefined;
    change({ [name]: isRepeatable ? [...new Set([...params.getAll(name), given])] : given });
    setValue('');
  };
  return (
    <form
      className="row add-filter"
      aria-label="Add a filter"
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      <select
        aria-label="Filter by"
        value={name}
        onChange={({ target }) => {
          choose(target.value as FilterName);
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
  const list = useId();
  const groups = useGroups().data ?? [];
  const { label, kind, example } = filterField(name);
  const choices = choicesOf(name);
  const shared = { 'aria-label': `Value of ${label}`, value };
  if (choices) {
    return (
      <select {...shared} onChange={({ target }) => onChange(target.value)}>
        <option value="">choose …</option>
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
        list={list}
        onChange={({ target }) => onChange(target.value)}
      />
      <datalist id={list}>
        {known(name, groups).map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </>
  );
}

/** Input types of values that are not text. */
const INPUT_TYPES: Readonly<Record<string, string>> = { moment: 'datetime-local', integer: 'number' };

/** As it stands in the address; empty for what is no value. */
function toParameter(name: FilterName, value: string): string {
  if (filterField(name).kind !== 'moment') return value.trim();
  const at = new Date(value).getTime();
  return Number.isNaN(at) ? '' : String(at);
}

/** Returns the values of a field that groups have. */
function known(name: FilterName, groups: readonly Group[]): readonly string[] {
  const values = groups.map((group): unknown => Reflect.get({ ...group.death, ...group }, name));
  return [...new Set(values.filter((value) => typeof value === 'string'))].toSorted();
}
