import { expect, test } from 'vitest';
import { phoneNumber, whatsappNumber } from './phone-number.ts';

test.each([
  ['+16135550123', '+16135550123'],
  ['+1 (613) 555-0123', '+16135550123'],
  ['0049 30 / 123456', '+4930123456'],
  ['613-555-0123', undefined],
  ['+0123456789', undefined],
  ['+1234567', undefined],
  ['+1234567890123456', undefined],
  ['+1 613 CALL', undefined],
  ['', undefined],
])('the phone number of %j is %s', (written, expected) => {
  expect(phoneNumber(written)).toBe(expected);
});

test.each([
  ['16505550123', '+16505550123'],
  ['+1 650 555 0123', '+16505550123'],
  ['5215512345678', '+5215512345678'],
  ['525512345678', '+5215512345678'],
  ['+52 1 55 1234 5678', '+5215512345678'],
  ['5491112345678', '+5491112345678'],
  ['+54 11 1234-5678', '+5491112345678'],
  ['group-1', undefined],
])('WhatsApp writes %j as %s', (written, expected) => {
  expect(whatsappNumber(written)).toBe(expected);
});
