import { z } from 'zod';
import type { Delivery } from '../delivery/delivery.ts';

/** What a mapper can read besides its input. */
export interface MapContext<Settings> {
  /** The connection's settings, as the source's settings schema returned them. */
  readonly settings: Settings;
  readonly delivery: Omit<Delivery, 'body'>;
}

/** An event: the topics it comes from, the input it expects and the payload it maps to. */
export interface EventDefinition<Settings = unknown> {
  /** The event's bare name at Botpress: camelCase, at most 200 characters. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** The platform's topic, or topics, that become this event. */
  readonly topic: string | readonly string[];
  /** Disabled unless a connection enables one of its topics. */
  readonly optIn?: boolean;
  /** What the platform sends. Accepts unknown fields, and null where the platform sends null. */
  readonly input: z.ZodType;
  /**
   * The payload field that holds the platform's body. A connection may leave it out or select parts of it, so it
   * is optional in `schema`. `undefined` if the payload has no such field.
   */
  readonly fullBody?: string;
  /** The payload that Botpress receives, including `deliveryId`. */
  readonly schema: z.ZodObject;
  /** Maps the input to the payload. Pure: the same input and context give the same payload. */
  map(input: unknown, context: MapContext<Settings>): Record<string, unknown>;
}

interface EventSpec<Input extends z.ZodType, Shape extends z.ZodRawShape, Settings> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly topic: string | readonly string[];
  readonly optIn?: boolean;
  readonly input: Input;
  readonly schema: z.ZodObject<Shape>;
  /** The payload field that holds the platform's body; default `fullBody`, if the schema has it. */
  readonly fullBody?: keyof Shape & string;
  map(input: z.output<Input>, context: MapContext<Settings>): z.input<z.ZodObject<Shape>>;
}

const deliveryId = z.string().describe('Id of the Sluice delivery that this event was created from');

/** The payload field that is true if the full body was left out because of its size. */
export const FULL_BODY_LEFT_OUT = 'fullBodyLeftOut';

const fullBodyLeftOut = z
  .boolean()
  .optional()
  .describe('True if the full body was left out because the event would have been too large');

/**
 * Defines an event and returns it with `deliveryId` added to its schema and payload. Sluice adds it, not the
 * mapper, so that reconciliation, support and bots can rely on it.
 *
 * In the schema, the field of the full body becomes optional, and `fullBodyLeftOut` is added.
 */
export function defineEvent<Input extends z.ZodType, Shape extends z.ZodRawShape, Settings>(
  spec: EventSpec<Input, Shape, Settings>,
): EventDefinition<Settings> {
  const shape: z.ZodRawShape = spec.schema.shape;
  const fullBody = spec.fullBody ?? ('fullBody' in shape ? 'fullBody' : undefined);
  const body = fullBody === undefined ? undefined : shape[fullBody];
  return {
    ...spec,
    ...(fullBody === undefined ? {} : { fullBody }),
    schema: spec.schema.extend({
      ...(fullBody && body ? { [fullBody]: z.optional(body), [FULL_BODY_LEFT_OUT]: fullBodyLeftOut } : {}),
      deliveryId,
    }),
    map: (input, context) => ({
      // `mapDelivery` passes only the output of `spec.input`.
      ...spec.map(input as z.output<Input>, context),
      deliveryId: context.delivery.id,
    }),
  };
}

/** The event names that Botpress accepts, without the prefix of the integration. */
export const EVENT_NAME_PATTERN = /^[a-z][a-zA-Z0-9]{0,199}$/;

/** An event name in the settings of sources whose users name the events. */
export const eventName = z
  .string()
  .regex(
    EVENT_NAME_PATTERN,
    'is not an event name: camelCase, letters and digits, at most 200, like invoicePaid',
  );

type WithoutNulls<T> = { [K in keyof T]: Exclude<T[K], null> };

/**
 * Returns a copy of the fields without those that are null or undefined. Platforms send null for unknown
 * values; the schemas at Botpress accept a missing optional field but reject null.
 */
export function withoutNulls<T extends Record<string, unknown>>(fields: T): WithoutNulls<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null)) as WithoutNulls<T>;
}
