/** Names that people have data under, as the words that they are made of. Whole names: */
const WHOLE = new Set([
  ...['name', 'text', 'body', 'caption', 'bio', 'note', 'comment', 'description', 'message', 'company'],
  ...['address1', 'address2', 'address3', 'line1', 'line2', 'lat', 'lng', 'lon', 'dob', 'order status url'],
]);

/** Their last word, whatever stands before it: `contact_email`, `browserIp`. */
const LAST_WORD = new Set([
  ...['email', 'phone', 'mobile', 'telephone', 'fax', 'ip', 'latitude', 'longitude', 'zip', 'city', 'town'],
  ...['street', 'postcode', 'zipcode', 'address', 'username', 'nickname', 'firstname', 'lastname', 'surname'],
  ...['fullname', 'birthday', 'birthdate', 'iban', 'ssn', 'token', 'secret', 'password'],
]);

/** Their last two words. */
const LAST_WORDS = new Set([
  ...['first name', 'last name', 'middle name', 'full name', 'formatted name', 'display name', 'user name'],
  ...['customer name', 'contact name', 'author name', 'sender name', 'recipient name', 'billing name'],
  ...['shipping name', 'holder name', 'given name', 'family name', 'phone number', 'mobile number'],
  ...['ip address', 'postal code', 'zip code', 'post code', 'street name', 'house number', 'account number'],
  ...['card number', 'date birth', 'birth date', 'avatar url', 'photo url', 'profile url', 'user agent'],
  ...['address 1', 'address 2', 'line 1', 'line 2', 'email address', 'street address', 'of birth'],
]);

/** Under these stands a phone number, or something else. */
const PHONES = new Set(['from', 'to', 'wa id', 'recipient id', 'recipient', 'sender', 'contact', 'msisdn']);

/** Whether what stands under this name is mostly about a person, whatever its case. */
export function isPersonalKey(key: string): boolean {
  const words = wordsOf(key);
  const whole = words.join(' ');
  return WHOLE.has(whole) || LAST_WORD.has(words.at(-1) ?? '') || LAST_WORDS.has(words.slice(-2).join(' '));
}

/** Whether a phone number under this name is somebody's. */
export function isPhoneKey(key: string): boolean {
  return PHONES.has(wordsOf(key).join(' '));
}

/** Longer ones name nothing that is listed above. */
const MAX_KEY = 64;

/** `browser_ip`, `browserIP` and `Browser-IP` are `browser ip`. */
function wordsOf(key: string): string[] {
  if (key.length > MAX_KEY) return [];
  return key
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '');
}
