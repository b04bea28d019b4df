import { type KeyboardEvent, type MouseEvent, useEffect, useRef } from 'react';
import { Link, useLocation } from 'wouter';
import type { DeadLetter } from '../../api/types.ts';
import { REASONS } from '../../model/labels.ts';
import { Ago, Badge } from '../../ui/elements.tsx';
import type { Selection } from './use-selection.ts';

interface LetterGridProps {
  readonly letters: readonly DeadLetter[];
  readonly selection: Selection;
  /** Shown while another page is on its way. */
  readonly isStale: boolean;
}

/** Dead letters on a line each. One of the lines has the focus, and keys move it. */
export function LetterGrid({ letters, selection, isStale }: LetterGridProps) {
  const { table, focusNext } = useRowFocus(selection.active);
  const [, go] = useLocation();
  const onKeyDown = (event: KeyboardEvent) => {
    if (!pressed(event, selection, (id) => go(`/deliveries/${id}`))) return;
    event.preventDefault();
    focusNext();
  };
  const isWhole = letters.every(({ id }) => selection.has(id));
  return (
    <>
      <div className={isStale ? 'scroll stale' : 'scroll'}>
        <table
          ref={table}
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a grid is a table whose rows can be chosen.
          role="grid"
          aria-multiselectable
          aria-describedby="grid-keys"
          onKeyDown={onKeyDown}
          aria-label="Dead letters"
        >
          <thead>
            <tr>
              <th scope="col">
                <input
                  type="checkbox"
                  aria-label="Choose all of this page"
                  checked={isWhole}
                  onChange={({ target }) => selection.choosePage(target.checked)}
                />
              </th>
              <th scope="col">Died</th>
              <th scope="col">Reason</th>
              <th scope="col">Connection, topic</th>
              <th scope="col">Message</th>
              <th scope="col" className="number attempts">
                Attempts
              </th>
              <th scope="col">Delivery</th>
            </tr>
          </thead>
          <tbody>
            {letters.map((letter) => (
              <LetterRow key={letter.id} letter={letter} selection={selection} onFocusRow={focusNext} />
            ))}
          </tbody>
        </table>
      </div>
      <p id="grid-keys" className="quiet keys">
        In the table: <kbd>j</kbd> <kbd>k</kbd> or <kbd>↓</kbd> <kbd>↑</kbd> move, <kbd>x</kbd> or{' '}
        <kbd>Space</kbd> chooses, <kbd>Shift</kbd>+<kbd>↓</kbd> extends, <kbd>Ctrl</kbd>+<kbd>A</kbd> chooses
        the page, <kbd>Enter</kbd> opens, <kbd>Esc</kbd> clears.
      </p>
    </>
  );
}

/** Lets the focus follow the active row, once somebody has moved it. */
function useRowFocus(active: string | undefined) {
  const table = useRef<HTMLTableElement>(null);
  const isAsked = useRef(false);
  useEffect(() => {
    if (!isAsked.current || active === undefined) return;
    isAsked.current = false;
    table.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(active)}"]`)?.focus();
  });
  return {
    table,
    focusNext: () => {
      isAsked.current = true;
    },
  };
}

/** Steps of the keys that move. */
const STEPS: Readonly<Record<string, number>> = {
  j: 1,
  ArrowDown: 1,
  k: -1,
  ArrowUp: -1,
  PageDown: 10,
  PageUp: -10,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

/** Does what a key means; false where it means nothing here. */
function pressed(event: KeyboardEvent, selection: Selection, open: (id: string) => void): boolean {
  const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
  if (altKey || !(event.target instanceof HTMLElement) || !event.target.closest('tbody')) return false;
  if (ctrlKey || metaKey) {
    if (key.toLowerCase() !== 'a') return false;
    selection.choosePage(true);
    return true;
  }
  const { active } = selection;
  const step = STEPS[key.length === 1 ? key.toLowerCase() : key];
  if (step !== undefined) {
    if (shiftKey) selection.extend(step);
    else selection.move(step);
    return true;
  }
  if (key === 'Escape') selection.clear();
  else if (active === undefined) return false;
  else if (key === 'x' || key === ' ') selection.toggle(active);
  else if (key === 'Enter') open(active);
  else return false;
  return true;
}

interface LetterRowProps {
  readonly letter: DeadLetter;
  readonly selection: Selection;
  /** Lets the focus follow what is done with the mouse. */
  readonly onFocusRow: () => void;
}

/** One dead letter. Its box and its link are for the mouse: the row itself takes the keys. */
function LetterRow({ letter, selection, onFocusRow }: LetterRowProps) {
  const { id, connection, topic, diedAt, attempts, death } = letter;
  const isChosen = selection.has(id);
  const onClick = (event: MouseEvent) => {
    if (event.target instanceof Element && event.target.closest('a')) return;
    onFocusRow();
    if (event.shiftKey) selection.extend(id);
    else if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey) selection.toggle(id);
    else selection.move(id);
  };
  return (
    <tr
      data-id={id}
      aria-selected={isChosen}
      tabIndex={selection.active === id ? 0 : -1}
      onFocus={(event) =>
        event.target === event.currentTarget && selection.active !== id && selection.move(id)
      }
      onClick={onClick}
    >
      <td>
        <input type="checkbox" tabIndex={-1} aria-label={`Choose ${id}`} checked={isChosen} readOnly />
      </td>
      <td className="nowrap">
        <Ago at={diedAt} />
      </td>
      <td>
        <Badge tone="bad">{REASONS[death.reason]}</Badge>
      </td>
      <td>
        <strong>{connection}</strong>
        <br />
        {topic}
      </td>
      <td className="message">
        {death.message}
        {death.issues?.slice(0, 1).map(({ path, message }) => (
          <span key={path} className="quiet">
            {' '}
            <code>{path}</code> {message}
          </span>
        ))}
      </td>
      <td className="number attempts">{attempts}</td>
      <td className="id">
        <Link href={`/deliveries/${id}`} tabIndex={-1} className="mono">
          {id}
        </Link>
      </td>
    </tr>
  );
}
