import { useState } from 'react';

interface State {
  readonly chosen: ReadonlySet<string>;
  /** Where the keyboard is. */
  readonly active?: string;
  /** Where a range begins. */
  readonly anchor?: string;
  /** All that fit this filter, also those of other pages. */
  readonly allOf?: string;
}

export interface Selection {
  /** Chosen rows of this page, in its order. */
  readonly ids: readonly string[];
  readonly active: string | undefined;
  /** Whether all that fit the filter are meant. */
  readonly isAll: boolean;
  has(id: string): boolean;
  /** Moves the keyboard by so many rows, or to the row. */
  move(to: number | string): void;
  toggle(id: string): void;
  /** Moves likewise, and chooses what lies between the range's beginning and there. */
  extend(to: number | string): void;
  choosePage(isChosen: boolean): void;
  chooseAll(): void;
  clear(): void;
}

/**
 * Which rows are chosen. What is not on the page is not chosen, unless all that fit are.
 *
 * @param rows ids of this page
 * @param filter as text: with another, not all that fit are meant any more
 */
export function useSelection(rows: readonly string[], filter: string): Selection {
  const [state, set] = useState<State>({ chosen: new Set() });
  const ids = rows.filter((id) => state.chosen.has(id));
  const active = state.active !== undefined && rows.includes(state.active) ? state.active : rows[0];
  const target = (to: number | string) => (typeof to === 'string' ? to : stepped(rows, active, to));
  const isAll = state.allOf === filter && rows.length > 0;
  return {
    ...{ ids, active, isAll },
    has: (id) => isAll || state.chosen.has(id),
    move: (to) => {
      const id = target(to);
      if (id !== undefined) set({ ...state, active: id, anchor: id });
    },
    toggle: (id) => {
      const chosen = new Set(isAll ? rows : ids);
      if (!chosen.delete(id)) chosen.add(id);
      set({ chosen, active: id, anchor: id });
    },
    extend: (to) => {
      const id = target(to);
      const anchor = state.anchor !== undefined && rows.includes(state.anchor) ? state.anchor : active;
      if (id === undefined || anchor === undefined) return;
      const [first = 0, last = 0] = [rows.indexOf(anchor), rows.indexOf(id)].toSorted((a, b) => a - b);
      set({ chosen: new Set([...ids, ...rows.slice(first, last + 1)]), active: id, anchor });
    },
    choosePage: (isChosen) => set({ ...without(state), chosen: new Set(isChosen ? rows : []) }),
    chooseAll: () => set({ ...without(state), allOf: filter }),
    clear: () => set({ ...without(state), chosen: new Set() }),
  };
}

function without({ allOf: _, ...state }: State): State {
  return state;
}

function stepped(rows: readonly string[], from: string | undefined, by: number): string | undefined {
  const at = from === undefined ? 0 : rows.indexOf(from);
  return rows[Math.min(rows.length - 1, Math.max(0, at + by))];
}
