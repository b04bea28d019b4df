import { type KeyboardEvent, type MouseEvent, useEffect, useRef } from 'react';
import { Link, useLocation } from 'wouter';
import type { DeadLetter } from '../../api/types.ts';
import { REASON_LABELS } from '../../model/labels.ts';
import { Badge, TimeAgo } from '../../ui/elements.tsx';
import type { Selection } from './use-selection.ts';

interface DeadLetterGridProps {
  readonly letters: readonly DeadLetter[];
  readonly selection: Selection;
  /** Whether the rows are from the previous page while the next one loads. */
  readonly isStale: boolean;
}

/** The table of dead letters with keyboard navigation and selection. */
export function DeadLetterGrid({ letters, selection, isStale }: DeadLetterGridProps) {
  const { table, focusNext } = useRowFocus(selection.active);
  const [, navigate] = useLocation();
  const onKeyDown = (event: KeyboardEvent) => {
    if (!handleKey(event, selection, (id) => navigate(`/deliveries/${id}`))) return;
    event.preventDefault();
    focusNext();
  };
  const isPageSelected = letters.every(({ id }) => selection.has(id));
  return (
    <>
      <div className={isStale ? 'scroll stale' : 'scroll'}>
        <table
          ref={table}
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a grid is a table with selectable rows.
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
                  aria-label="Select all on this page"
                  checked={isPageSelected}
                  onChange={({ target }) => selection.selectPage(target.checked)}
                />
              </th>
              <th scope="col">Failed</th>
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
              <DeadLetterRow key={letter.id} letter={letter} selection={selection} onFocusRow={focusNext} />
            ))}
          </tbody>
        </table>
      </div>
      <p id="grid-keys" className="muted keys">
        Keyboard: <kbd>j</kbd> <kbd>k</kbd> or <kbd>↓</kbd> <kbd>↑</kbd> move, <kbd>x</kbd> or{' '}
        <kbd>Space</kbd> select, <kbd>Shift</kbd>+<kbd>↓</kbd> extend, <kbd>Ctrl</kbd>+<kbd>A</kbd> select
        page, <kbd>Enter</kbd> open, <kbd>Esc</kbd> clear.
      </p>
    </>
  );
}

/** Focuses the active row after the user has moved it. */
function useRowFocus(active: string | undefined) {
  const table = useRef<HTMLTableElement>(null);
  const isRequested = useRef(false);
  useEffect(() => {
    if (!isRequested.current || active === undefined) return;
    isRequested.current = false;
    table.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(active)}"]`)?.focus();
  });
  return {
    table,
    focusNext: () => {
      isRequested.current = true;
    },
  };
}

/** Rows that each navigation key moves by. */
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

/** Handles a key. Returns false if it has no function here. */
function handleKey(event: KeyboardEvent, selection: Selection, open: (id: string) => void): boolean {
  const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
  if (altKey || !(event.target instanceof HTMLElement) || !event.target.closest('tbody')) return false;
  if (ctrlKey || metaKey) {
    if (key.toLowerCase() !== 'a') return false;
    selection.selectPage(true);
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

interface DeadLetterRowProps {
  readonly letter: DeadLetter;
  readonly selection: Selection;
  /** Requests the focus for the row that a click activates. */
  readonly onFocusRow: () => void;
}

/** One dead letter. Checkbox and link are for the mouse; the grid handles the keys. */
function DeadLetterRow({ letter, selection, onFocusRow }: DeadLetterRowProps) {
  const { id, connection, topic, diedAt, attempts, death } = letter;
  const isSelected = selection.has(id);
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
      aria-selected={isSelected}
      tabIndex={selection.active === id ? 0 : -1}
      onFocus={(event) =>
        event.target === event.currentTarget && selection.active !== id && selection.move(id)
      }
      onClick={onClick}
    >
      <td>
        <input type="checkbox" tabIndex={-1} aria-label={`Select ${id}`} checked={isSelected} readOnly />
      </td>
      <td className="nowrap">
        <TimeAgo at={diedAt} />
      </td>
      <td>
        <Badge tone="bad">{REASON_LABELS[death.reason]}</Badge>
      </td>
      <td>
        <strong>{connection}</strong>
        <br />
        {topic}
      </td>
      <td className="message">
        {death.message}
        {death.issues?.slice(0, 1).map(({ path, message }) => (
          <span key={path} className="muted">
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
