const PREFIX = 'whsec_';

/** As strict as a decoder should be: Node's skips what it does not know, and would make a key of any typo. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/**
 * The keys that a secret may stand for, none where it cannot be one.
 *
 * `whsec_` is followed by base64. Without that prefix senders differ: the published libraries decode the
 * text as base64 all the same, others take its characters as they are. So both are tried, the characters
 * first.
 */
export function signingKeys(secret: string): readonly Buffer[] {
  if (secret.startsWith(PREFIX)) return decode(secret.slice(PREFIX.length));
  return [Buffer.from(secret, 'utf8'), ...decode(secret)];
}

function decode(text: string): Buffer[] {
  return text !== '' && BASE64.test(text) ? [Buffer.from(text, 'base64')] : [];
}
