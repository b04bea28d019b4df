import type { MouseEvent } from 'react';
import { Link } from 'wouter';
import type { DeadLetter } from '../../api/answers.ts';
import { Ago } from '../../parts/ago.tsx';
import { Badge } from '../../parts/badge.tsx';
import { REASONS } from '../../view/reasons.ts';
import type { Selection } from './use-selection.ts';

interface LetterRowProps {
  readonly letter: DeadLetter;
  readonly selection: Selection;
  /** Lets the focus follow what is done with the mouse. */
  readonly onFocusRow: () => void;
}

/** One dead letter. Its box and its link are for the mouse: the row itself takes the keys. */
export function LetterRow({ letter, selection, onFocusRow }: LetterRowProps) {
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
