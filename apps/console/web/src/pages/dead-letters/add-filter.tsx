import { useId, useState } from 'react';
import type { Group } from '../../api/answers.ts';
import { useGroups } from '../../api/use-groups.ts';
import { FILTER_FIELDS, type FilterField, filterFields } from '../../view/filter.ts';
import { REASONS } from '../../view/reasons.ts';
import type { View } from '../../view/use-view.ts';

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
export function AddFilter({ view: { params, change } }: { readonly view: View }) {
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
