import { afterSpace, endOfScalar, endOfString } from './json-slice.ts';

/** A text, number or truth value in a body, with where it stands. */
export interface Leaf {
  /** Dotted; lists are walked through: the first `sku` of `{"items":[{"sku":1}]}` is at `items.sku`. */
  readonly path: string;
  /** The last name of the path. */
  readonly name: string;
  /** A text as it reads; anything else to the digit as it came. */
  readonly text: string;
}

interface Place {
  readonly path: string;
  readonly name: string;
}

/**
 * Walks the values of a JSON text, in its order; those that are null are left out.
 *
 * It goes by the text and not by what JSON.parse makes of it, which rounds 820982911946154508. On what is no JSON it
 * comes to an end without throwing. Depth costs no stack.
 */
export function* leavesOf(text: string): Generator<Leaf> {
  const open: { readonly at: Place; readonly isList: boolean }[] = [];
  let at: Place = { path: '', name: '' };
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
        const read = unquoted(text.slice(index, end));
        index = afterSpace(text, end);
        if (around && !around.isList && text[index] === ':') at = below(around.at, read);
        else yield { ...at, text: read };
        break;
      }
      default: {
        const end = Math.max(endOfScalar(text, index), index + 1);
        const read = text.slice(index, end);
        if (read !== 'null') yield { ...at, text: read };
        index = end;
      }
    }
    index = afterSpace(text, index);
  }
}

function below({ path }: Place, name: string): Place {
  return { path: path === '' ? name : `${path}.${name}`, name };
}

function unquoted(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}
