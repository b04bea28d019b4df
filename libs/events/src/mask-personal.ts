import { isPersonalKey, isPhoneKey } from './personal-keys.ts';

/** What stands in the place of what is masked. */
export const MASK = '•••';

/** Bodies are at most 100 deep; what is deeper is no body of ours, and masked as a whole. */
const MAX_DEPTH = 200;

/**
 * Masks personal data in any JSON value: what stands under a name that people have data under (`first_name`, `zip`,
 * `clientIp`), e-mail addresses and international phone numbers wherever they stand, and JSON in a string alike. Ids,
 * amounts, topics and times are kept, and so is the shape. Made for lists that people look at: it does not promise
 * that nobody can be recognised.
 *
 * @returns a copy; numbers become texts where they are masked
 */
export function maskPersonalData(value: unknown): unknown {
  return mask(value, '', 0);
}

/** The same for words of others, as Botpress' or a schema's, which may quote what they are about. */
export function maskText(text: string): string {
  return maskString(text, '', 0);
}

function mask(value: unknown, key: string, depth: number): unknown {
  if (depth > MAX_DEPTH) return MASK;
  if (typeof value === 'string') return maskString(value, key, depth);
  if (typeof value === 'number') return isHiddenNumber(value, key) ? MASK : value;
  if (Array.isArray(value)) return value.map((item: unknown) => mask(item, key, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  return maskObject(value, key, depth);
}

function maskObject(value: object, key: string, depth: number): object {
  const entries = Object.entries(value);
  const isPair = 'name' in value && 'value' in value;
  const valueKey = isPair && typeof value.name === 'string' ? value.name : key;
  // No assignment: a key `__proto__` stays a key.
  return Object.fromEntries(
    entries.map(([name, item]: [string, unknown]) => {
      if (isPair && name === 'name' && typeof item === 'string') return [name, maskAddresses(item)];
      return [maskAddresses(name), mask(item, name === 'value' ? valueKey : name, depth + 1)];
    }),
  );
}

function maskString(text: string, key: string, depth: number): string {
  const json = readJson(text);
  if (json !== undefined) return JSON.stringify(mask(json, key, depth + 1));
  const masked = maskAddresses(text);
  if (isPersonalKey(key) && !isNumberOfOrder(text, key)) return masked === text ? MASK : WHOLE_ADDRESS;
  return isPhoneKey(key) && isPhoneNumber(text) ? MASK : masked;
}

/** Latitudes, zip codes, phone numbers as numbers. */
function isHiddenNumber(value: number, key: string): boolean {
  return isPersonalKey(key) || (isPhoneKey(key) && isPhoneNumber(String(value)));
}

/** Shopify calls an order `#1042` by `name`, and operators look for it. */
function isNumberOfOrder(text: string, key: string): boolean {
  return text === '' || (key === 'name' && /^#?\d[\d.-]*$/.test(text));
}

function isPhoneNumber(text: string): boolean {
  return /^\+?[\d\s()./-]+$/.test(text) && text.replaceAll(/\D/g, '').length >= 7;
}

const WHOLE_ADDRESS = `${MASK}@${MASK}`;

/** The bounds keep the time linear: a text of 4 MB without an @ takes milliseconds. */
const ADDRESS = /[^\s@<>"'(),;:=&/?]{1,64}(?:@|%40)[\p{L}\d-]{1,63}(?:\.[\p{L}\d-]{1,63}){0,8}/giu;
const INTERNATIONAL = /\+\d(?:[ ()./-]{0,2}\d){6,17}/g;

function maskAddresses(text: string): string {
  const isAddressed = text.includes('@') || text.includes('%40');
  const masked = isAddressed ? text.replace(ADDRESS, WHOLE_ADDRESS) : text;
  return masked.includes('+') ? masked.replace(INTERNATIONAL, MASK) : masked;
}

/** Some platforms put JSON into a string, WhatsApp the answers to a form. */
function readJson(text: string): object | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}
