import { transforms } from '@botpress/sdk';
import { describe, expect, test } from 'vitest';
import { type JsonSchema, toZui } from '../src/to-zui.ts';

const roundTrip = (schema: JsonSchema) =>
  JSON.parse(JSON.stringify(transforms.toJSONSchema(toZui(schema, 'it'))));

describe('toZui keeps the schema through the SDK', () => {
  test.each<[string, JsonSchema]>([
    [
      'closed object',
      { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false },
    ],
    ['string with bounds', { type: 'string', minLength: 1, maxLength: 5, pattern: '^a' }],
    ['string constant', { type: 'string', const: 'x' }],
    ['string enum', { type: 'string', enum: ['a', 'b'] }],
    ['number with bounds', { type: 'number', minimum: 1, maximum: 5 }],
    ['integer', { type: 'integer', exclusiveMinimum: 0 }],
    ['number constant', { type: 'number', const: 7 }],
    ['boolean', { type: 'boolean', description: 'Whether' }],
    ['boolean constant', { type: 'boolean', const: true }],
    ['array', { type: 'array', items: { type: 'number' }, minItems: 1 }],
  ])('%s', (_, schema) => {
    expect(roundTrip(schema)).toEqual(schema);
  });

  test('converts open objects, records and nullable types to the form of the SDK', () => {
    expect(roundTrip({ type: 'object', properties: {}, additionalProperties: {} })).toMatchObject({
      additionalProperties: true,
    });
    const record = {
      type: 'object',
      propertyNames: { type: 'string' },
      additionalProperties: { type: 'number' },
    };
    expect(roundTrip(record)).toEqual({ type: 'object', additionalProperties: { type: 'number' } });
    expect(roundTrip({ type: ['string', 'null'] })).toMatchObject({
      anyOf: [{ type: 'string' }, { type: 'null' }],
    });
  });
});

describe('toZui throws with the location of', () => {
  test.each<[string, JsonSchema]>([
    ['an unknown keyword', { type: 'string', format: 'date-time' }],
    ['a union', { anyOf: [{ type: 'string' }, { type: 'number' }] }],
    ['a union of types', { type: ['string', 'number'] }],
    ['null alone', { type: 'null' }],
    ['a tuple', { type: 'array', items: [{ type: 'string' }], additionalItems: false }],
    ['a reference', { $ref: '#/definitions/a' }],
    [
      'restricted property names',
      { type: 'object', propertyNames: { type: 'string', pattern: '^a' }, additionalProperties: {} },
    ],
    [
      'typed additional properties',
      { type: 'object', properties: {}, additionalProperties: { type: 'string' } },
    ],
    ['a required property of any type', { type: 'object', properties: { a: {} }, required: ['a'] }],
    ['a string constant that is a number', { type: 'string', const: 7 }],
  ])('%s', (_, schema) => {
    const whole = { type: 'object', properties: { place: schema }, additionalProperties: false };
    expect(() => toZui(whole, 'event')).toThrow(/^event\.place.*cannot express/);
  });
});
