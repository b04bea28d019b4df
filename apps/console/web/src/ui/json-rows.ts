import type { JsonNode } from '../model/json-text.ts';

export interface Issue {
  readonly path: string;
  readonly message: string;
}

/** A line of a tree. */
export interface JsonRow {
  /** Places from the root, `0/3/1`: names may be there twice. */
  readonly id: string;
  readonly parent: string | undefined;
  /** Names from the root, `line_items.0.price`; empty for the whole. */
  readonly path: string;
  readonly name: string;
  readonly node: JsonNode;
  /** From 1, as ARIA counts. */
  readonly level: number;
  readonly place: number;
  readonly siblings: number;
  readonly isOpen: boolean;
  /** What is wrong here, or with something that should be in here and is not. */
  readonly issues: readonly Issue[];
  /** How many more are wrong further in. */
  readonly within: number;
  readonly isMatch: boolean;
}

interface Options {
  /** What somebody has opened or closed, by id. */
  readonly toggled: ReadonlyMap<string, boolean>;
  readonly issues: readonly Issue[];
  /** Looked for in names and values. */
  readonly search: string;
}

export interface JsonRows {
  readonly rows: readonly JsonRow[];
  readonly matches: number;
  /** Whether there are more lines than can be shown. */
  readonly isCut: boolean;
}

/** Lines that a browser still shows without a pause. */
const MAX_ROWS = 1_500;

/** Opened without being asked, besides the whole: two levels, of not too many. */
const OPEN_LEVELS = 2;
const OPEN_CHILDREN = 40;

interface Child {
  readonly name: string;
  readonly node: JsonNode;
}

export function childrenOf(node: JsonNode): readonly Child[] {
  if (node.kind === 'object') return node.members.map(({ name, value }) => ({ name, node: value }));
  return node.kind === 'array' ? node.items.map((item, index) => ({ name: String(index), node: item })) : [];
}

interface Place extends Child {
  readonly id: string;
  readonly parent: string | undefined;
  readonly path: string;
  readonly level: number;
  readonly place: number;
  readonly siblings: number;
  readonly issues: readonly Issue[];
}

/** Makes the lines of a tree that are to be seen: what was opened, and the way to what is wrong or looked for. */
export function jsonRows(root: JsonNode, { toggled, issues, search }: Options): JsonRows {
  const wanted = search.toLowerCase();
  const found = wanted ? findMatches(root, wanted) : new Set<string>();
  const onTheWay = new Set([...found].flatMap(ancestorsOf));
  const rows: JsonRow[] = [];
  let isCut = false;
  const visit = (place: Place) => {
    if (rows.length >= MAX_ROWS) {
      isCut = true;
      return;
    }
    const { node, id, path, level, issues: all } = place;
    const children = childrenOf(node);
    const here = all.filter((issue) => !children.some(({ name }) => isWithin(issue.path, join(path, name))));
    const within = all.length - here.length;
    const isOpen =
      children.length > 0 &&
      (toggled.get(id) ??
        (level === 1 ||
          within > 0 ||
          onTheWay.has(id) ||
          (level <= OPEN_LEVELS && children.length <= OPEN_CHILDREN)));
    rows.push({ ...place, isOpen, issues: here, within, isMatch: found.has(id) });
    if (!isOpen) return;
    for (const [index, child] of children.entries()) {
      const inner = join(path, child.name);
      visit({
        ...child,
        ...{ id: id === '' ? String(index) : `${id}/${index}`, parent: id, path: inner, level: level + 1 },
        ...{ place: index + 1, siblings: children.length },
        issues: all.filter((issue) => isWithin(issue.path, inner)),
      });
    }
  };
  visit({
    ...{ name: '', node: root, id: '', parent: undefined, path: '', level: 1, place: 1, siblings: 1 },
    issues,
  });
  return { rows, matches: found.size, isCut };
}

const join = (path: string, name: string) => (path === '' ? name : `${path}.${name}`);

const isWithin = (path: string, place: string) => path === place || path.startsWith(`${place}.`);

function ancestorsOf(id: string): readonly string[] {
  const parts = id.split('/');
  return ['', ...parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join('/'))];
}

/** Matches that are found; of more a reader has no use. */
const MAX_MATCHES = 500;

function findMatches(root: JsonNode, wanted: string): Set<string> {
  const found = new Set<string>();
  const look = (node: JsonNode, id: string) => {
    for (const [index, child] of childrenOf(node).entries()) {
      if (found.size >= MAX_MATCHES) return;
      const childId = id === '' ? String(index) : `${id}/${index}`;
      const value = child.node.kind === 'scalar' ? child.node.raw : '';
      const name = node.kind === 'object' ? child.name : '';
      if (name.toLowerCase().includes(wanted) || value.toLowerCase().includes(wanted)) found.add(childId);
      look(child.node, childId);
    }
  };
  look(root, '');
  return found;
}
