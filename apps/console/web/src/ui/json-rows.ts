import type { JsonNode } from '../model/json-text.ts';

export interface Issue {
  readonly path: string;
  readonly message: string;
}

/** A row of the JSON tree. */
export interface JsonRow {
  /** Indexes from the root, `0/3/1`; names may occur twice. */
  readonly id: string;
  readonly parent: string | undefined;
  /** Names from the root, `line_items.0.price`; empty for the root. */
  readonly path: string;
  readonly name: string;
  readonly node: JsonNode;
  /** 1-based, as in ARIA. */
  readonly level: number;
  readonly position: number;
  readonly siblings: number;
  readonly isOpen: boolean;
  /** Issues of this value, and of missing members of it. */
  readonly issues: readonly Issue[];
  /** Number of issues of the values inside. */
  readonly issuesInside: number;
  readonly isMatch: boolean;
}

interface JsonRowOptions {
  /** Rows that the user opened or closed, by id. */
  readonly toggled: ReadonlyMap<string, boolean>;
  readonly issues: readonly Issue[];
  /** Text to find in names and values. */
  readonly search: string;
}

export interface JsonRows {
  readonly rows: readonly JsonRow[];
  readonly matches: number;
  /** Whether the tree has more rows than the limit. */
  readonly isTruncated: boolean;
}

/** Number of rows that a browser renders without a noticeable delay. */
const MAX_ROWS = 1_500;

/** Rows below the root that are open initially: two levels, with a limited number of children. */
const OPEN_LEVELS = 2;
const OPEN_CHILDREN = 40;

interface JsonChild {
  readonly name: string;
  readonly node: JsonNode;
}

export function childrenOf(node: JsonNode): readonly JsonChild[] {
  if (node.kind === 'object') return node.members.map(({ name, value }) => ({ name, node: value }));
  return node.kind === 'array' ? node.items.map((item, index) => ({ name: String(index), node: item })) : [];
}

interface RowContext extends JsonChild {
  readonly id: string;
  readonly parent: string | undefined;
  readonly path: string;
  readonly level: number;
  readonly position: number;
  readonly siblings: number;
  readonly issues: readonly Issue[];
}

/** Returns the visible rows of a tree: the opened ones and all ancestors of issues and matches. */
export function toJsonRows(root: JsonNode, { toggled, issues, search }: JsonRowOptions): JsonRows {
  const query = search.toLowerCase();
  const found = query ? findMatches(root, query) : new Set<string>();
  const matchAncestors = new Set([...found].flatMap(ancestorsOf));
  const rows: JsonRow[] = [];
  let isTruncated = false;
  const visit = (context: RowContext) => {
    if (rows.length >= MAX_ROWS) {
      isTruncated = true;
      return;
    }
    const { node, id, path, level, issues: all } = context;
    const children = childrenOf(node);
    const own = all.filter((issue) => !children.some(({ name }) => isWithin(issue.path, join(path, name))));
    const issuesInside = all.length - own.length;
    const isOpen =
      children.length > 0 &&
      (toggled.get(id) ??
        (level === 1 ||
          issuesInside > 0 ||
          matchAncestors.has(id) ||
          (level <= OPEN_LEVELS && children.length <= OPEN_CHILDREN)));
    rows.push({ ...context, isOpen, issues: own, issuesInside, isMatch: found.has(id) });
    if (!isOpen) return;
    for (const [index, child] of children.entries()) {
      const childPath = join(path, child.name);
      visit({
        ...child,
        ...{
          id: id === '' ? String(index) : `${id}/${index}`,
          parent: id,
          path: childPath,
          level: level + 1,
        },
        ...{ position: index + 1, siblings: children.length },
        issues: all.filter((issue) => isWithin(issue.path, childPath)),
      });
    }
  };
  visit({
    ...{ name: '', node: root, id: '', parent: undefined, path: '', level: 1, position: 1, siblings: 1 },
    issues,
  });
  return { rows, matches: found.size, isTruncated };
}

const join = (path: string, name: string) => (path === '' ? name : `${path}.${name}`);

const isWithin = (path: string, ancestor: string) => path === ancestor || path.startsWith(`${ancestor}.`);

function ancestorsOf(id: string): readonly string[] {
  const parts = id.split('/');
  return ['', ...parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join('/'))];
}

/** Limit of the search. */
const MAX_MATCHES = 500;

function findMatches(root: JsonNode, query: string): Set<string> {
  const found = new Set<string>();
  const visit = (node: JsonNode, id: string) => {
    for (const [index, child] of childrenOf(node).entries()) {
      if (found.size >= MAX_MATCHES) return;
      const childId = id === '' ? String(index) : `${id}/${index}`;
      const value = child.node.kind === 'scalar' ? child.node.raw : '';
      const name = node.kind === 'object' ? child.name : '';
      if (name.toLowerCase().includes(query) || value.toLowerCase().includes(query)) found.add(childId);
      visit(child.node, childId);
    }
  };
  visit(root, '');
  return found;
}
