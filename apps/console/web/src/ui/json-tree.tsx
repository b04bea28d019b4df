import './json-tree.css';
import { type KeyboardEvent, type RefObject, useEffect, useId, useRef, useState } from 'react';
import { formatPlural } from '../model/format.ts';
import type { JsonNode } from '../model/json-text.ts';
import { childrenOf, type Issue, type JsonRow, toJsonRows } from './json-rows.ts';

interface JsonTreeProps {
  /** Accessible name, for example `body`. */
  readonly label: string;
  readonly node: JsonNode;
  /** Shown at the values they refer to. */
  readonly issues?: readonly Issue[];
  /** Whether `JSON.parse` has rounded numbers beyond 2^53. */
  readonly isParsed?: boolean;
}

const NO_ISSUES: readonly Issue[] = [];

/** JSON as a collapsible, searchable tree with keyboard navigation (WAI-ARIA treeview). */
export function JsonTree({ label, node, issues = NO_ISSUES, isParsed = false }: JsonTreeProps) {
  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [search, setSearch] = useState('');
  const [active, setActive] = useState('');
  const tree = useRef<HTMLUListElement>(null);
  const field = useId();
  const { rows, matches, isTruncated } = toJsonRows(node, { toggled, issues, search: search.trim() });
  const current = rows.find(({ id }) => id === active) ?? rows[0];
  useScrollToIssue(tree, issues);
  const focus = (id: string) => {
    setActive(id);
    tree.current?.querySelector<HTMLElement>(`[data-id="${id}"]`)?.focus();
  };
  const open = (id: string, isOpen: boolean) => setToggled(new Map(toggled).set(id, isOpen));
  const focusNextMatch = () => {
    const at = current ? rows.indexOf(current) : -1;
    const match = [...rows.slice(at + 1), ...rows.slice(0, at + 1)].find(({ isMatch }) => isMatch);
    if (match) focus(match.id);
  };
  return (
    <div className="json">
      <form
        className="row json-search"
        onSubmit={(event) => {
          event.preventDefault();
          focusNextMatch();
        }}
      >
        <label htmlFor={field} className="visually-hidden">
          Search the {label}
        </label>
        <input
          id={field}
          type="search"
          placeholder="Search names and values; Enter selects the next match"
          value={search}
          onChange={({ target }) => {
            setSearch(target.value);
            setToggled(new Map());
          }}
        />
        <span className="muted" role="status">
          {search.trim() && formatPlural(matches, 'match', 'matches')}
        </span>
      </form>
      <ul
        ref={tree}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a tree is a list of collapsible items.
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
      {isTruncated && <p className="muted">Not all values are shown. Close some, or search.</p>}
    </div>
  );
}

/** Pixels between the top of the tree and the first issue. */
const SCROLL_MARGIN = 60;

/** Scrolls the tree, but not the page, to the first issue. */
function useScrollToIssue(tree: RefObject<HTMLUListElement | null>, issues: readonly Issue[]): void {
  useEffect(() => {
    const wrong = issues.length > 0 ? tree.current?.querySelector('.has-issue') : undefined;
    if (!tree.current || !wrong) return;
    const offset = wrong.getBoundingClientRect().top - tree.current.getBoundingClientRect().top;
    tree.current.scrollTop += Math.max(0, offset - SCROLL_MARGIN);
  }, [tree, issues]);
}

interface TreeActions {
  readonly rows: readonly JsonRow[];
  readonly current: JsonRow;
  readonly focus: (id: string) => void;
  readonly open: (id: string, isOpen: boolean) => void;
}

/** Handles the keys that the ARIA practices define for a treeview. */
function onTreeKey(event: KeyboardEvent, { rows, current, focus, open }: TreeActions): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const at = current ? rows.indexOf(current) : -1;
  const isLeaf = current.node.kind === 'scalar';
  const focusRow = (row: JsonRow | undefined) => row && focus(row.id);
  const actions: Readonly<Record<string, () => void>> = {
    ArrowDown: () => focusRow(rows[at + 1]),
    ArrowUp: () => focusRow(rows[at - 1]),
    Home: () => focusRow(rows[0]),
    End: () => focusRow(rows.at(-1)),
    ArrowRight: () => {
      if (current.isOpen) focusRow(rows[at + 1]);
      else if (!isLeaf) open(current.id, true);
    },
    ArrowLeft: () => {
      if (current.isOpen) open(current.id, false);
      else if (current.parent !== undefined) focus(current.parent);
    },
    Enter: () => !isLeaf && open(current.id, !current.isOpen),
    ' ': () => !isLeaf && open(current.id, !current.isOpen),
  };
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

interface JsonTreeRowProps {
  readonly row: JsonRow;
  readonly isActive: boolean;
  readonly isParsed: boolean;
  readonly search: string;
  readonly onFocus: () => void;
  readonly onToggle: () => void;
}

/** The server replaces personal data with this. */
const MASK = '•••';

/** A row: name, value and issues. */
function JsonTreeRow({ row, isActive, isParsed, search, onFocus, onToggle }: JsonTreeRowProps) {
  const { id, name, node, level, position, siblings, isOpen, issues, issuesInside, isMatch, path } = row;
  const isLeaf = node.kind === 'scalar';
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree handles the keys of all rows.
    <li
      role="treeitem"
      data-id={id}
      aria-level={level}
      aria-posinset={position}
      aria-setsize={siblings}
      aria-expanded={isLeaf ? undefined : isOpen}
      aria-selected={isActive}
      tabIndex={isActive ? 0 : -1}
      className={issues.length > 0 ? 'json-row has-issue' : 'json-row'}
      style={{ paddingInlineStart: `${(level - 1) * 16 + 4}px` }}
      onFocus={onFocus}
      onClick={isLeaf ? undefined : onToggle}
    >
      <span className="json-mark" aria-hidden="true">
        {isLeaf ? '' : isOpen ? '▾' : '▸'}
      </span>
      <span className="json-name">
        {name === '' && level === 1 ? '(root)' : <Highlighted text={name} search={isMatch ? search : ''} />}
      </span>
      {': '}
      {isLeaf ? (
        <Scalar raw={node.raw} search={isMatch ? search : ''} isParsed={isParsed} />
      ) : (
        <span className="muted">{sizeOf(row)}</span>
      )}
      {!isOpen && issuesInside > 0 && (
        <span className="json-issue"> ⚠ {formatPlural(issuesInside, 'issue')} inside</span>
      )}
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
  return node.kind === 'array' ? `[ ${formatPlural(size, 'item')} ]` : `{ ${formatPlural(size, 'field')} }`;
}

interface ScalarProps {
  readonly raw: string;
  readonly search: string;
  readonly isParsed: boolean;
}

function Scalar({ raw, search, isParsed }: ScalarProps) {
  if (raw.includes(MASK)) {
    return (
      <span className="json-masked" title="Masked personal data">
        <Highlighted text={raw} search={search} />
      </span>
    );
  }
  const isRounded = isParsed && /^-?\d/.test(raw) && Math.abs(Number(raw)) > Number.MAX_SAFE_INTEGER;
  return (
    <span className={raw.startsWith('"') ? 'json-text' : 'json-word'}>
      <Highlighted text={raw} search={search} />
      {isRounded && (
        <span className="muted" title="Number beyond 2^53. Reveal the body to view all digits.">
          {' '}
          (rounded)
        </span>
      )}
    </span>
  );
}

/** A text with the first match of the search highlighted. */
function Highlighted({ text, search }: { readonly text: string; readonly search: string }) {
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
