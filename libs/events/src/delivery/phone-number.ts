/** International numbers have 8 to 15 digits (E.164), the country code included. */
const INTERNATIONAL = /^[1-9]\d{7,14}$/;

/**
 * Returns an international phone number as `+` and digits (E.164), or `undefined` if it is not written
 * internationally: a national number is ambiguous.
 *
 * @param written with `+` or `00` and any separators, like `+1 (613) 555-0123`
 */
export function phoneNumber(written: string): string | undefined {
  const compact = written.replace(/[\s().\-/]/g, '').replace(/^00/, '+');
  return compact.startsWith('+') ? fromDigits(compact.slice(1)) : undefined;
}

function fromDigits(digits: string): string | undefined {
  return INTERNATIONAL.test(digits) ? `+${digits}` : undefined;
}

/**
 * Returns a phone number as Botpress' WhatsApp integration writes it in the tag `userPhone`: E.164, in Argentina with a
 * 9 and in Mexico with a 1 after the country code.
 *
 * @param written as Meta writes it (digits only), or an international number
 */
export function whatsappNumber(written: string): string | undefined {
  const number =
    /^\d+$/.test(written) && !written.startsWith('00') ? fromDigits(written) : phoneNumber(written);
  if (number === undefined) return undefined;
  const digits = number.slice(1);
  if (digits.startsWith('54')) return `+549${digits.slice(2).replace(/^9/, '')}`;
  // A Mexican number has 10 digits after the country code and the 1.
  if (digits.startsWith('52')) return `+521${digits.slice(2).replace(/^1(?=\d{10}$)/, '')}`;
  return number;
}
