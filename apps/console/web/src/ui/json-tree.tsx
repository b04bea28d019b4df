import './json-tree.css';
import { type KeyboardEvent, type RefObject, useEffect, useId, useRef, useState } from 'react';
import { countOf } from '../model/format.ts';
import type { JsonNode } from '../model/json-text.ts';
import { childrenOf, type Issue, type JsonRow, jsonRows } from './json-rows.ts';

interface JsonTreeProps {
  /** What it is the tree of. */
  readonly label: string;
  readonly node: JsonNode;
  /** What is wrong, told where it is. */
  readonly issues?: readonly Issue[];
  /** Whether numbers beyond 2^53 have lost their last digits on the way. */
  readonly isParsed?: boolean;
}

const NONE: readonly Issue[] = [];

/** JSON as a tree that opens and closes, is searched, and goes by keys (WAI-ARIA treeview). */
export function JsonTree({ label, node, issues = NONE, isParsed = false }: JsonTreeProps) {
  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [search, setSearch] = useState('');
  const [active, setActive] = useState('');
  const tree = useRef<HTMLUListElement>(null);
  const field = useId();
  const { rows, matches, isCut } = jsonRows(node, { toggled, issues, search: search.trim() });
  const current = rows.find(({ id }) => id === active) ?? rows[0];
  useScrollToIssue(tree, issues);
  const focus = (id: string) => {
    setActive(id);
    tree.current?.querySelector<HTMLElement>(`[data-id="${id}"]`)?.focus();
  };
  const open = (id: string, isOpen: boolean) => setToggled(new Map(toggled).set(id, isOpen));
  const next = () => {
    const at = current ? rows.indexOf(current) : -1;
    const found = [...rows.slice(at + 1), ...rows.slice(0, at + 1)].find(({ isMatch }) => isMatch);
    if (found) focus(found.id);
  };
  return (
    <div className="json">
      <form
        className="row json-search"
        onSubmit={(event) => {
          event.preventDefault();
          next();
        }}
      >
        <label htmlFor={field} className="unseen">
          Search in {label}
        </label>
        <input
          id={field}
          type="search"
          placeholder="Name or value; Enter goes to it"
          value={search}
          onChange={({ target }) => {
            setSearch(target.value);
            setToggled(new Map());
          }}
        />
        <span className="quiet" role="status">
          {search.trim() && countOf(matches, 'match', 'matches')}
        </span>
      </form>
      <ul
        ref={tree}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a tree is a list that opens and closes.
        role="tree"
        aria-label={label}
        onKeyDown={(event) => current && onTreeKey(event, { rows, current, focus, open })}
      >
        {rows.map((row) => (
          <JsonTreeRow
            key={row.id}
            row={row}
            isActive={row === current}
            isParsed={isParsed}
            search={search.trim()}
            onFocus={() => setActive(row.id)}
            onToggle={() => open(row.id, !row.isOpen)}
          />
        ))}
      </ul>
      {isCut && <p className="quiet">There is more than can be shown at once: close something, or search.</p>}
    </div>
  );
}

/** Pixels above the first line that is wrong. */
const ABOVE = 60;

/** Shows what is wrong first, without moving the page. */
function useScrollToIssue(tree: RefObject<HTMLUListElement | null>, issues: readonly Issue[]): void {
  useEffect(() => {
    const wrong = issues.length > 0 ? tree.current?.querySelector('.wrong') : undefined;
    if (!tree.current || !wrong) return;
    const far = wrong.getBoundingClientRect().top - tree.current.getBoundingClientRect().top;
    tree.current.scrollTop += Math.max(0, far - ABOVE);
  }, [tree, issues]);
}

interface Acts {
  readonly rows: readonly JsonRow[];
  readonly current: JsonRow;
  readonly focus: (id: string) => void;
  readonly open: (id: string, isOpen: boolean) => void;
}

/** The keys of a treeview, as the ARIA practices have them. */
function onTreeKey(event: KeyboardEvent, { rows, current, focus, open }: Acts): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const at = current ? rows.indexOf(current) : -1;
  const isLeaf = current.node.kind === 'scalar';
  const go = (row: JsonRow | undefined) => row && focus(row.id);
  const acts: Readonly<Record<string, () => void>> = {
    ArrowDown: () => go(rows[at + 1]),
    ArrowUp: () => go(rows[at - 1]),
    Home: () => go(rows[0]),
    End: () => go(rows.at(-1)),
    ArrowRight: () => {
      if (current.isOpen) go(rows[at + 1]);
      else if (!isLeaf) open(current.id, true);
    },
    ArrowLeft: () => {
      if (current.isOpen) open(current.id, false);
      else if (current.parent !== undefined) focus(current.parent);
    },
    Enter: () => !isLeaf && open(current.id, !current.isOpen),
    ' ': () => !isLeaf && open(current.id, !current.isOpen),
  };
  const act = acts[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

interface JsonTreeRowProps {
  readonly row: JsonRow;
  readonly isActive: boolean;
  readonly isParsed: boolean;
  readonly search: string;
  readonly onFocus: () => void;
  readonly onToggle: () => void;
}

/** What personal data are masked with, by the server. */
const MASK = '•••';

/** One line of a tree: a name, its value, and what is wrong with it. */
function JsonTreeRow({ row, isActive, isParsed, search, onFocus, onToggle }: JsonTreeRowProps) {
  const { id, name, node, level, place, siblings, isOpen, issues, within, isMatch, path } = row;
  const isLeaf = node.kind === 'scalar';
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree around it takes the keys of all lines.
    <li
      role="treeitem"
      data-id={id}
      aria-level={level}
      aria-posinset={place}
      aria-setsize={siblings}
      aria-expanded={isLeaf ? undefined : isOpen}
      aria-selected={isActive}
      tabIndex={isActive ? 0 : -1}
      className={issues.length > 0 ? 'json-row wrong' : 'json-row'}
      style={{ paddingInlineStart: `${(level - 1) * 16 + 4}px` }}
      onFocus={onFocus}
      onClick={isLeaf ? undefined : onToggle}
    >
      <span className="json-mark" aria-hidden="true">
        {isLeaf ? '' : isOpen ? '▾' : '▸'}
      </span>
      <span className="json-name">
        {name === '' && level === 1 ? '(whole)' : <Marked text={name} search={isMatch ? search : ''} />}
      </span>
      {': '}
      {isLeaf ? (
        <Scalar raw={node.raw} search={isMatch ? search : ''} isParsed={isParsed} />
      ) : (
        <span className="quiet">{sizeOf(row)}</span>
      )}
      {!isOpen && within > 0 && <span className="json-issue"> ⚠ {countOf(within, 'issue')} further in</span>}
      {issues.map((issue) => (
        <span key={`${issue.path} ${issue.message}`} className="json-issue">
          {' '}
          ⚠ {issue.path !== path && <code>{issue.path}</code>} {issue.message}
        </span>
      ))}
    </li>
  );
}

function sizeOf({ node }: JsonRow): string {
  const size = childrenOf(node).length;
  return node.kind === 'array' ? `[ ${countOf(size, 'item')} ]` : `{ ${countOf(size, 'field')} }`;
}

interface ScalarProps {
  readonly raw: string;
  readonly search: string;
  readonly isParsed: boolean;
}

function Scalar({ raw, search, isParsed }: ScalarProps) {
  if (raw.includes(MASK)) {
    return (
      <span className="json-masked" title="Personal data, masked">
        <Marked text={raw} search={search} />
      </span>
    );
  }
  const isRounded = isParsed && /^-?\d/.test(raw) && Math.abs(Number(raw)) > Number.MAX_SAFE_INTEGER;
  return (
    <span className={raw.startsWith('"') ? 'json-text' : 'json-word'}>
      <Marked text={raw} search={search} />
      {isRounded && (
        <span className="quiet" title="Beyond 2^53: revealed, it has all its digits">
          {' '}
          (rounded)
        </span>
      )}
    </span>
  );
}

/** A text in which what was looked for is marked. */
function Marked({ text, search }: { readonly text: string; readonly search: string }) {
  const at = search ? text.toLowerCase().indexOf(search.toLowerCase()) : -1;
  if (at < 0) return text;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + search.length)}</mark>
      {text.slice(at + search.length)}
    </>
  );
}
