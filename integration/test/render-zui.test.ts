import { z } from '@botpress/sdk';
import { describe, expect, test } from 'vitest';
import { type JsonSchema, renderZui } from '../../libs/botpress/src/integration/render-zui.ts';
import { convert } from './botpress-cli.ts';

/** Renders a schema, runs the code, and converts the result as the CLI does. */
const roundTrip = (schema: JsonSchema) => convert(new Function('z', `return ${renderZui(schema, 'it')}`)(z));

const field = (schema: JsonSchema): JsonSchema => ({
  type: 'object',
  properties: { field: schema },
  required: ['field'],
  additionalProperties: false,
});

describe('rendered code keeps the schema through the SDK', () => {
  test.each<[string, JsonSchema]>([
    ['string with bounds', { type: 'string', minLength: 1, maxLength: 5, pattern: '^a"\\d' }],
    ['string constant', { type: 'string', const: 'x"' }],
    ['string enum', { type: 'string', enum: ['a', 'b'] }],
    ['number with bounds', { type: 'number', minimum: 1, maximum: 5 }],
    ['integer', { type: 'integer', exclusiveMinimum: 0 }],
    ['number constant', { type: 'number', const: 7 }],
    ['boolean', { type: 'boolean' }],
    ['boolean constant', { type: 'boolean', const: true }],
    ['array', { type: 'array', items: { type: 'number' }, minItems: 1 }],
  ])('%s', (_, schema) => {
    expect(roundTrip(schema)).toEqual(schema);
    expect(roundTrip(field(schema))).toEqual({
      ...field(schema),
      properties: { field: { ...schema, 'x-zui': { title: 'Field' } } },
    });
  });

  test('field names, titles, descriptions and secrets of any text', () => {
    const schema: JsonSchema = {
      type: 'object',
      properties: {
        __proto__x: { type: 'string' },
        'data-1.x"y': { type: 'string', title: 'A "title"', description: 'Line\n\\ `y`' },
        key: { type: 'string', 'x-secret': true },
      },
      required: ['__proto__x'],
    };
    expect(roundTrip(schema)).toEqual({
      type: 'object',
      properties: {
        __proto__x: { type: 'string', 'x-zui': { title: 'Proto x' } },
        'data-1.x"y': { type: 'string', description: 'Line\n\\ `y`', 'x-zui': { title: 'A "title"' } },
        key: { type: 'string', 'x-zui': { title: 'Key', secret: true } },
      },
      required: ['__proto__x'],
      additionalProperties: false,
    });
  });

  test('open objects, records and nullable types in the form of the SDK', () => {
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

  test('a required field of any type, which the SDK makes optional', () => {
    expect(roundTrip(field({}))).toMatchObject({ properties: { field: { 'x-zui': { title: 'Field' } } } });
    expect(roundTrip(field({})).required).toBeUndefined();
  });
});

describe('rendering throws with the location of', () => {
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
    ['a string constant that is a number', { type: 'string', const: 7 }],
  ])('%s', (_, schema) => {
    expect(() => renderZui(field(schema), 'event')).toThrow(/^event\.field.*cannot express/);
  });
});
