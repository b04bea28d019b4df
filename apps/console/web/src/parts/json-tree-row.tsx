import { countOf } from '../view/format.ts';
import type { JsonRow } from '../view/json-rows.ts';
import { childrenOf } from '../view/json-rows.ts';

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
export function JsonTreeRow({ row, isActive, isParsed, search, onFocus, onToggle }: JsonTreeRowProps) {
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
