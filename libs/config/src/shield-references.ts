// Noncharacters of Unicode, one code unit each: positions stay, and no text holds them.
const OPEN = '\uFDD0';
const CLOSE = '\uFDD1';

const REFERENCE = /\$\{([^{}\r\n]*)\}/g;

/**
 * Hides the braces of `${NAME}` from YAML, for which `[${A}, ${B:-}]` holds mappings. Only braces are
 * exchanged, one for one, and never for a variable's value: that could otherwise become syntax.
 */
export function shieldReferences(yaml: string): string {
  return yaml.replace(REFERENCE, `$$${OPEN}$1${CLOSE}`);
}

/** Gives a text out of the document its braces back. */
export function unshieldReferences(text: string): string {
  return text.replaceAll(OPEN, '{').replaceAll(CLOSE, '}');
}
