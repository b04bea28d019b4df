import { useState } from 'react';

interface SelectionState {
  readonly selected: ReadonlySet<string>;
  /** Row with the keyboard focus. */
  readonly active?: string;
  /** First row of a range. */
  readonly anchor?: string;
  /** Filter whose matches on all pages are selected. */
  readonly allOf?: string;
}

export interface Selection {
  /** Selected rows of this page, in its order. */
  readonly ids: readonly string[];
  readonly active: string | undefined;
  /** Whether all matches of the filter are selected. */
  readonly isAllSelected: boolean;
  has(id: string): boolean;
  /** Moves the focus by a number of rows, or to a row. */
  move(to: number | string): void;
  toggle(id: string): void;
  /** Moves the focus like `move` and selects the rows from the start of the range to it. */
  extend(to: number | string): void;
  selectPage(isSelected: boolean): void;
  selectAll(): void;
  clear(): void;
}

/**
 * Manages the selection of rows. Rows of other pages are selected only with all matches of the filter.
 *
 * @param rows ids of this page
 * @param filter as text; a change ends the selection of all matches
 */
export function useSelection(rows: readonly string[], filter: string): Selection {
  const [state, set] = useState<SelectionState>({ selected: new Set() });
  const ids = rows.filter((id) => state.selected.has(id));
  const active = state.active !== undefined && rows.includes(state.active) ? state.active : rows[0];
  const target = (to: number | string) => (typeof to === 'string' ? to : step(rows, active, to));
  const isAll = state.allOf === filter && rows.length > 0;
  return {
    ...{ ids, active, isAllSelected: isAll },
    has: (id) => isAll || state.selected.has(id),
    move: (to) => {
      const id = target(to);
      if (id !== undefined) set({ ...state, active: id, anchor: id });
    },
    toggle: (id) => {
      const chosen = new Set(isAll ? rows : ids);
      if (!chosen.delete(id)) chosen.add(id);
      set({ selected: chosen, active: id, anchor: id });
    },
    extend: (to) => {
      const id = target(to);
      const anchor = state.anchor !== undefined && rows.includes(state.anchor) ? state.anchor : active;
      if (id === undefined || anchor === undefined) return;
      const [first = 0, last = 0] = [rows.indexOf(anchor), rows.indexOf(id)].toSorted((a, b) => a - b);
      set({ selected: new Set([...ids, ...rows.slice(first, last + 1)]), active: id, anchor });
    },
    selectPage: (isSelected) => set({ ...without(state), selected: new Set(isSelected ? rows : []) }),
    selectAll: () => set({ ...without(state), allOf: filter }),
    clear: () => set({ ...without(state), selected: new Set() }),
  };
}

function without({ allOf: _, ...state }: SelectionState): SelectionState {
  return state;
}

function step(rows: readonly string[], from: string | undefined, by: number): string | undefined {
  const at = from === undefined ? 0 : rows.indexOf(from);
  return rows[Math.min(rows.length - 1, Math.max(0, at + by))];
}
