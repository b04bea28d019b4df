import type { YAMLError } from 'yaml';

export interface SyntaxMistake {
  readonly message: string;
  readonly hint?: string;
}

/** Where the parser's own words would quote the file, which may hold secrets, or do not help. */
const WORDS: Partial<Record<YAMLError['code'], SyntaxMistake>> = {
  BAD_ALIAS: {
    message: 'an alias (*name) or anchor (&name) that is not right',
    hint: 'put a value that begins with * or & in quotes',
  },
  BAD_DQ_ESCAPE: {
    message: 'an escape sequence that YAML does not know',
    hint: 'write the backslash twice, or use single quotes',
  },
  BAD_SCALAR_START: {
    message: 'a value cannot begin with this character',
    hint: 'put the value in quotes',
  },
  DUPLICATE_KEY: { message: 'the same key twice in one mapping', hint: 'keep one of them' },
  TAB_AS_INDENT: { message: 'a tab as indentation', hint: 'indent with spaces' },
  TAG_RESOLVE_FAILED: {
    message: 'a tag that is not known',
    hint: 'put a value that begins with ! in quotes',
  },
};

/** Puts a finding of the YAML parser in one line that quotes nothing of the file. */
export function toSyntaxMistake(error: YAMLError): SyntaxMistake {
  const words = WORDS[error.code];
  if (words) return words;
  // Behind a colon these quote what was found.
  const [message = ''] = error.message.split(error.code === 'UNEXPECTED_TOKEN' ? /[:\n]/ : '\n');
  return { message: `not valid YAML: ${message}` };
}
