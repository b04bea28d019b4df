import { expect, test } from 'vitest';
import { z } from 'zod';
import { checkSchema } from './check-schema.ts';

const schema = z.looseObject({ name: z.string().min(1) });

test('returns the output of the schema, or issues with their paths', () => {
  expect(checkSchema(schema, { name: 'x', more: 1 })).toEqual({ ok: true, data: { name: 'x', more: 1 } });
  expect(checkSchema(schema, { name: '' })).toMatchObject({ ok: false, issues: [{ path: 'name' }] });
});

// Found by unpacking.property.test.ts: a webhook with this body would have got a 503 on every retry.
test.each(['{"length":{"toString":0}}', '{"length":{"valueOf":1,"toString":1}}'])(
  'returns issues instead of throwing for %s',
  (name) => {
    const outcome = checkSchema(schema, JSON.parse(`{"name":${name}}`));
    expect(outcome).toMatchObject({ ok: false, issues: [{ message: expect.any(String) }] });
  },
);
