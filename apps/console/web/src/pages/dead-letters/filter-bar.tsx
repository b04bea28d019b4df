import { useEffect, useEffectEvent, useId, useState } from 'react';
import { useGroups } from '../../api/queries.ts';
import type { Group } from '../../api/types.ts';
import { describeValue, FILTER_FIELDS, type FilterField, filterFields } from '../../model/filter.ts';
import { REASONS } from '../../model/labels.ts';
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

/** Those that may be given again and again; of the others a new one takes the place of the old. */
const REPEATABLE: ReadonlySet<FilterField> = new Set(['id', 'having']);

const HINTS: Readonly<Partial<Record<FilterField, string>>> = {
  having: 'order_id=1042',
  id: 'dlv_…',
  group: '16 hex digits',
  replay: 'rpl_…',
  status: '400',
  type: 'InvalidPayload',
};

/** Adds a part to the filter. */
function AddFilter({ view: { params, change } }: { readonly view: View }) {
  const [name, choose] = useState<FilterField>('connection');
  const [value, setValue] = useState('');
  const add = () => {
    const given = toParameter(name, value);
    if (!given) return;
    change({ [name]: REPEATABLE.has(name) ? [...new Set([...params.getAll(name), given])] : given });
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
          choose(target.value as FilterField);
          setValue('');
        }}
      >
        {filterFields
          .filter((field) => field !== 'text')
          .map((field) => (
            <option key={field} value={field}>
              {FILTER_FIELDS[field]}
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
  readonly name: FilterField;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function ValueField({ name, value, onChange }: ValueFieldProps) {
  const list = useId();
  const groups = useGroups().data ?? [];
  const shared = { 'aria-label': `Value of ${FILTER_FIELDS[name]}`, value };
  if (name === 'reason') {
    return (
      <select {...shared} onChange={({ target }) => onChange(target.value)}>
        <option value="">choose …</option>
        {Object.entries(REASONS).map(([reason, words]) => (
          <option key={reason} value={reason}>
            {words}
          </option>
        ))}
      </select>
    );
  }
  return (
    <>
      <input
        {...shared}
        type={isMoment(name) ? 'datetime-local' : name === 'status' ? 'number' : 'text'}
        placeholder={HINTS[name]}
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

const isMoment = (name: FilterField) => name === 'from' || name === 'to';

/** As it stands in the address; empty for what is no value. */
function toParameter(name: FilterField, value: string): string {
  if (!isMoment(name)) return value.trim();
  const at = new Date(value).getTime();
  return Number.isNaN(at) ? '' : String(at);
}

/** Values that dead letters have. */
function known(name: FilterField, groups: readonly Group[]): readonly string[] {
  const values = groups.map((group) => {
    switch (name) {
      case 'connection':
      case 'topic':
      case 'group':
        return group[name];
      case 'source':
      case 'event':
      case 'type':
        return group.death[name];
      default:
        return undefined;
    }
  });
  return [...new Set(values.filter((value) => typeof value === 'string'))].toSorted();
}
