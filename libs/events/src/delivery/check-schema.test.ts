import { expect, test } from 'vitest';
import { z } from 'zod';
import { checkSchema } from './check-schema.ts';

const schema = z.looseObject({ name: z.string().min(1) });

test('returns what the schema made of it, or what does not fit and where', () => {
  expect(checkSchema(schema, { name: 'x', more: 1 })).toEqual({ ok: true, data: { name: 'x', more: 1 } });
  expect(checkSchema(schema, { name: '' })).toMatchObject({ ok: false, issues: [{ path: 'name' }] });
});

// Found by unpacking.property.test.ts: a webhook of this would have got 503 again and again.
test.each(['{"length":{"toString":0}}', '{"length":{"valueOf":1,"toString":1}}'])(
  'does not throw at %s',
  (name) => {
    const outcome = checkSchema(schema, JSON.parse(`{"name":${name}}`));
    expect(outcome).toMatchObject({ ok: false, issues: [{ message: expect.any(String) }] });
  },
);
