/** Words before a parenthesis that do not make what follows a function. */
const KEYWORDS = new Set(['if', 'for', 'while', 'switch', 'catch', 'with', 'return', 'typeof', 'await']);

/** Words after which the type of a result goes on. */
const TYPE_WORDS = new Set(['is', 'extends', 'keyof', 'readonly', 'infer', 'asserts', 'typeof', 'unique']);

/** A slash after one of these begins a regular expression. */
const BEFORE_REGEX = /^(?:[=(,:[!&|?{};+*%^~-]|=>|&&|\|\||\?\?|return|typeof|case|in|of)$/;

/**
 * Returns the lengths in lines of the functions, methods and arrow functions of a text whose body is in braces.
 * Read from tokens, without a parser: a type or a JSX text of an unusual shape may hide a function, and none is invented.
 */
export function functionLengths(text) {
  const tokens = tokenize(text);
  const closing = matchBrackets(tokens);
  const lengths = [];
  for (let at = 0; at < tokens.length; at++) {
    const body = bodyOf(tokens, closing, at);
    const end = body === undefined ? undefined : closing.get(body);
    if (end !== undefined) lengths.push(tokens[end].line - tokens[at].line + 1);
  }
  return lengths;
}

/** Returns the index of the brace that opens the body of the function whose parameters begin, or arrow stands, here. */
function bodyOf(tokens, closing, at) {
  if (tokens[at].text === '=>') return tokens[at + 1]?.text === '{' ? at + 1 : undefined;
  if (tokens[at].text !== '(' || !closing.has(at)) return undefined;
  const before = tokens[at - 1]?.text ?? '';
  const isNamed = (/^[\w$#]+$/.test(before) && !KEYWORDS.has(before)) || before === '>' || before === ']';
  if (!isNamed) return undefined;
  const after = closing.get(at) + 1;
  if (tokens[after]?.text === '{') return after;
  return tokens[after]?.text === ':' ? skipType(tokens, closing, after + 1) : undefined;
}

/** Returns the index of the brace after the type that begins here. */
function skipType(tokens, closing, from) {
  let isOperand = true;
  for (let at = from; at < tokens.length; at++) {
    const { text } = tokens[at];
    if (text === '{' && !isOperand) return at;
    if (['{', '(', '[', '<'].includes(text)) {
      at = closing.get(at) ?? tokens.length;
      isOperand = false;
    } else if (['|', '&', '.'].includes(text) || TYPE_WORDS.has(text)) isOperand = true;
    else if (isOperand && /^[\w$'"`]/.test(text)) isOperand = false;
    else return undefined;
  }
  return undefined;
}

/** Maps each opening bracket to its closing one; angle brackets only where they enclose types. */
function matchBrackets(tokens) {
  const closing = new Map();
  const open = [];
  const ENDS = { ')': '(', ']': '[', '}': '{' };
  tokens.forEach(({ text }, at) => {
    if ('([{'.includes(text)) open.push(at);
    const start = ENDS[text];
    if (!start) return;
    const last = open.pop();
    if (last !== undefined && tokens[last].text === start) closing.set(last, at);
  });
  tokens.forEach(({ text }, at) => {
    if (text === '<') closeAngle(tokens, closing, at);
  });
  return closing;
}

function closeAngle(tokens, closing, at) {
  let depth = 0;
  for (let next = at; next < Math.min(at + 200, tokens.length); next++) {
    const { text } = tokens[next];
    if (text === ';') return;
    if (text === '<') depth++;
    if (text === '>' && --depth === 0) {
      closing.set(at, next);
      return;
    }
  }
}

const TOKEN =
  /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|[\w$#]+|=>|&&|\|\||\?\?|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|[\s\S]/gy;
const REGEX = /\/(?![*/>])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/\w*/y;

/** Returns words, operators and brackets with their lines; strings are one token, comments none. */
function tokenize(text) {
  const tokens = [];
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const end = text[at] === '`' ? endOfTemplate(text, at) : endOfToken(text, at, tokens.at(-1)?.text ?? '=');
    const piece = text.slice(at, end);
    if (!/^(?:\s|\/\/|\/\*)/.test(piece)) tokens.push({ text: piece, line });
    line += piece.split('\n').length - 1;
    at = end;
  }
  return tokens;
}

function endOfToken(text, at, before) {
  if (text[at] === '/' && BEFORE_REGEX.test(before)) {
    REGEX.lastIndex = at;
    if (REGEX.test(text)) return REGEX.lastIndex;
  }
  TOKEN.lastIndex = at;
  TOKEN.test(text);
  return TOKEN.lastIndex;
}

/** Template literals may hold templates: Lua scripts and messages hold no functions that are counted. */
function endOfTemplate(text, from) {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '`') return at + 1;
    else if (text.startsWith('${', at)) at = endOfHole(text, at + 2);
  }
  return text.length;
}

function endOfHole(text, from) {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '`') at = endOfTemplate(text, at) - 1;
    else if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return at;
  }
  return text.length;
}
