/** Replaces every masked value. */
export const MASK = '•••';

/** Accepted bodies nest at most 100 levels; anything deeper is masked as a whole. */
const MAX_DEPTH = 200;

/**
 * Parses a body and masks personal data in it.
 *
 * @returns the masked value, or `null` if the body is not JSON: such a body is shown only on reveal
 */
export function maskBody(text: string): unknown {
  try {
    return maskPersonalData(JSON.parse(text));
  } catch {
    return null;
  }
}

/**
 * Masks personal data in any JSON value: values under names that hold personal data (`first_name`, `zip`,
 * `clientIp`), and e-mail addresses and international phone numbers anywhere, also in JSON inside a string.
 * Ids, amounts, topics and times are kept, and so is the shape. Made for lists that operators read: it does
 * not guarantee anonymity.
 *
 * @returns a copy; masked numbers become strings
 */
export function maskPersonalData(value: unknown): unknown {
  return mask(value, '', 0);
}

/**
 * Masks personal data in text from outside, such as a Botpress error or a schema message that quotes a value.
 */
export function maskText(text: string): string {
  return maskString(text, '', 0);
}

function mask(value: unknown, key: string, depth: number): unknown {
  if (depth > MAX_DEPTH) return MASK;
  if (typeof value === 'string') return maskString(value, key, depth);
  if (typeof value === 'number') return isPersonalNumber(value, key) ? MASK : value;
  if (Array.isArray(value)) return value.map((item: unknown) => mask(item, key, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  return maskObject(value, key, depth);
}

function maskObject(value: object, key: string, depth: number): object {
  const entries = Object.entries(value);
  const isPair = 'name' in value && 'value' in value;
  const valueKey = isPair && typeof value.name === 'string' ? value.name : key;
  // Object.fromEntries keeps a key `__proto__` a key; assignment would not.
  return Object.fromEntries(
    entries.map(([name, item]: [string, unknown]) => {
      if (isPair && name === 'name' && typeof item === 'string') return [name, maskContacts(item)];
      return [maskContacts(name), mask(item, name === 'value' ? valueKey : name, depth + 1)];
    }),
  );
}

function maskString(text: string, key: string, depth: number): string {
  const json = readJson(text);
  if (json !== undefined) return JSON.stringify(mask(json, key, depth + 1));
  const masked = maskContacts(text);
  if (isPersonalKey(key) && !isOrderNumber(text, key)) return masked === text ? MASK : MASKED_EMAIL;
  return isPhoneKey(key) && isPhoneNumber(text) ? MASK : masked;
}

/** Latitudes, zip codes and phone numbers may be JSON numbers. */
function isPersonalNumber(value: number, key: string): boolean {
  return isPersonalKey(key) || (isPhoneKey(key) && isPhoneNumber(String(value)));
}

/** Shopify puts an order's number, `#1042`, under `name`, and operators search for it. */
function isOrderNumber(text: string, key: string): boolean {
  return text === '' || (key === 'name' && /^#?\d[\d.-]*$/.test(text));
}

function isPhoneNumber(text: string): boolean {
  return /^\+?[\d\s()./-]+$/.test(text) && text.replaceAll(/\D/g, '').length >= 7;
}

const MASKED_EMAIL = `${MASK}@${MASK}`;

/** The bounded repetitions keep the time linear: 4 MB of text without an @ take milliseconds. */
const EMAIL = /[^\s@<>"'(),;:=&/?]{1,64}(?:@|%40)[\p{L}\d-]{1,63}(?:\.[\p{L}\d-]{1,63}){0,8}/giu;
const INTERNATIONAL_PHONE = /\+\d(?:[ ()./-]{0,2}\d){6,17}/g;

function maskContacts(text: string): string {
  const mayHoldEmail = text.includes('@') || text.includes('%40');
  const masked = mayHoldEmail ? text.replace(EMAIL, MASKED_EMAIL) : text;
  return masked.includes('+') ? masked.replace(INTERNATIONAL_PHONE, MASK) : masked;
}

/** Some platforms put JSON into a string, e.g. WhatsApp the answers of a form. */
function readJson(text: string): object | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

/** Names that hold personal data, split into words and compared as a whole. */
const WHOLE_NAMES = new Set([
  ...['name', 'text', 'body', 'caption', 'bio', 'note', 'comment', 'description', 'message', 'company'],
  ...['address1', 'address2', 'address3', 'line1', 'line2', 'lat', 'lng', 'lon', 'dob', 'order status url'],
]);

/** Compared with the last word of a name, regardless of what precedes it: `contact_email`, `browserIp`. */
const LAST_WORD = new Set([
  ...['email', 'phone', 'mobile', 'telephone', 'fax', 'ip', 'latitude', 'longitude', 'zip', 'city', 'town'],
  ...['street', 'postcode', 'zipcode', 'address', 'username', 'nickname', 'firstname', 'lastname', 'surname'],
  ...['fullname', 'birthday', 'birthdate', 'iban', 'ssn', 'token', 'secret', 'password'],
]);

/** Compared with the last two words of a name. */
const LAST_TWO_WORDS = new Set([
  ...['first name', 'last name', 'middle name', 'full name', 'formatted name', 'display name', 'user name'],
  ...['customer name', 'contact name', 'author name', 'sender name', 'recipient name', 'billing name'],
  ...['shipping name', 'holder name', 'given name', 'family name', 'phone number', 'mobile number'],
  ...['ip address', 'postal code', 'zip code', 'post code', 'street name', 'house number', 'account number'],
  ...['card number', 'date birth', 'birth date', 'avatar url', 'photo url', 'profile url', 'user agent'],
  ...['address 1', 'address 2', 'line 1', 'line 2', 'email address', 'street address', 'of birth'],
]);

/** Names that hold a phone number or something impersonal; masked only if the value is a phone number. */
const PHONE_NAMES = new Set([
  'from',
  'to',
  'wa id',
  'recipient id',
  'recipient',
  'sender',
  'contact',
  'msisdn',
]);

function isPersonalKey(key: string): boolean {
  const words = wordsOf(key);
  return (
    WHOLE_NAMES.has(words.join(' ')) ||
    LAST_WORD.has(words.at(-1) ?? '') ||
    LAST_TWO_WORDS.has(words.slice(-2).join(' '))
  );
}

function isPhoneKey(key: string): boolean {
  return PHONE_NAMES.has(wordsOf(key).join(' '));
}

/** No listed name is longer. */
const MAX_KEY_LENGTH = 64;

/** Splits a name into lower-case words: `browser_ip`, `browserIP` and `Browser-IP` give `browser`, `ip`. */
function wordsOf(key: string): string[] {
  if (key.length > MAX_KEY_LENGTH) return [];
  return key
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '');
}
