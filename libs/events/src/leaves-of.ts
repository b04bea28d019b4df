import { afterSpace, endOfScalar, endOfString } from './json-slice.ts';

/** A text, number or truth value in a body, with where it stands. */
export interface JsonLeaf {
  /** Dotted; lists are walked through: the first `sku` of `{"items":[{"sku":1}]}` is at `items.sku`. */
  readonly path: string;
  /** The last name of the path. */
  readonly name: string;
  /** A text as it reads; anything else to the digit as it came. */
  readonly text: string;
}

/** Its path is put together only for what is told. */
interface Place {
  readonly name: string;
  readonly within: Place | undefined;
}

/**
 * Walks the values of a JSON text, in its order; those that are null are left out.
 *
 * It goes by the text and not by what JSON.parse makes of it, which rounds 820982911946154508. On what is no JSON it
 * comes to an end without throwing. Depth costs no stack.
 *
 * @param wanted tells only of values that read so, which takes a third of the time
 */
export function* iterateLeaves(text: string, wanted?: string): Generator<JsonLeaf> {
  const open: { readonly at: Place | undefined; readonly isList: boolean }[] = [];
  let at: Place | undefined;
  let index = afterSpace(text, 0);
  while (index < text.length) {
    const around = open.at(-1);
    if (around?.isList) at = around.at;
    switch (text[index]) {
      case '{':
      case '[':
        open.push({ at, isList: text[index] === '[' });
        index++;
        break;
      case '}':
      case ']':
        open.pop();
        index++;
        break;
      case ',':
      case ':':
        index++;
        break;
      case '"': {
        const end = endOfString(text, index);
        const quoted = text.slice(index, end);
        index = afterSpace(text, end);
        if (around && !around.isList && text[index] === ':')
          at = { name: unquoted(quoted), within: around.at };
        else if (mayRead(quoted, wanted)) yield leafAt(at, unquoted(quoted));
        break;
      }
      default: {
        const end = Math.max(endOfScalar(text, index), index + 1);
        const read = text.slice(index, end);
        if (read !== 'null' && read === (wanted ?? read)) yield leafAt(at, read);
        index = end;
      }
    }
    index = afterSpace(text, index);
  }
}

/** Escapes make a text longer than it reads. */
function mayRead(quoted: string, wanted: string | undefined): boolean {
  return wanted === undefined || quoted.includes('\\') || quoted === `"${wanted}"`;
}

function leafAt(place: Place | undefined, text: string): JsonLeaf {
  const names: string[] = [];
  for (let at = place; at; at = at.within) names.push(at.name);
  return { path: names.reverse().join('.'), name: place?.name ?? '', text };
}

function unquoted(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}
