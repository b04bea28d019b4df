import { transforms } from '@botpress/sdk';
import { describe, expect, test } from 'vitest';
import { type JsonSchema, toZui } from '../src/to-zui.ts';

const roundTrip = (schema: JsonSchema) =>
  JSON.parse(JSON.stringify(transforms.toJSONSchema(toZui(schema, 'it'))));

describe('comes out of the SDK as it went in', () => {
  test.each<[string, JsonSchema]>([
    [
      'closed object',
      { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false },
    ],
    ['text', { type: 'string', minLength: 1, maxLength: 5, pattern: '^a' }],
    ['one text', { type: 'string', const: 'x' }],
    ['one of some texts', { type: 'string', enum: ['a', 'b'] }],
    ['number', { type: 'number', minimum: 1, maximum: 5 }],
    ['whole number', { type: 'integer', exclusiveMinimum: 0 }],
    ['one number', { type: 'number', const: 7 }],
    ['yes or no', { type: 'boolean', description: 'Whether' }],
    ['yes', { type: 'boolean', const: true }],
    ['list', { type: 'array', items: { type: 'number' }, minItems: 1 }],
  ])('%s', (_, schema) => {
    expect(roundTrip(schema)).toEqual(schema);
  });

  test('open object, record and nullable, in the words of the SDK', () => {
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

describe('what the SDK cannot express throws, with its place', () => {
  test.each<[string, JsonSchema]>([
    ['another keyword', { type: 'string', format: 'date-time' }],
    ['a union', { anyOf: [{ type: 'string' }, { type: 'number' }] }],
    ['a union of types', { type: ['string', 'number'] }],
    ['null alone', { type: 'null' }],
    ['a tuple', { type: 'array', items: [{ type: 'string' }], additionalItems: false }],
    ['a reference', { $ref: '#/definitions/a' }],
    [
      'another kind of names',
      { type: 'object', propertyNames: { type: 'string', pattern: '^a' }, additionalProperties: {} },
    ],
    [
      'other properties of a type',
      { type: 'object', properties: {}, additionalProperties: { type: 'string' } },
    ],
    ['anything that is required', { type: 'object', properties: { a: {} }, required: ['a'] }],
    ['texts of another type', { type: 'string', const: 7 }],
  ])('%s', (_, schema) => {
    const whole = { type: 'object', properties: { place: schema }, additionalProperties: false };
    expect(() => toZui(whole, 'event')).toThrow(/^event\.place.*has nothing for/);
  });
});
