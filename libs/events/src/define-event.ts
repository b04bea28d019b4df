import { z } from 'zod';
import type { Delivery } from './delivery.ts';

/** What a mapper may know besides its input. */
export interface MapContext<Settings> {
  /** The connection's settings, as the source's settings schema returned them. */
  readonly settings: Settings;
  readonly delivery: Omit<Delivery, 'body'>;
}

export interface EventDefinition<Settings = unknown> {
  /** The event's bare name at Botpress, camelCase, at most 200 characters. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** The platform's topic, or topics, that become this event. */
  readonly topic: string | readonly string[];
  /** Off unless a connection switches one of its topics on. */
  readonly optIn?: boolean;
  /** What the platform sends: unknown fields pass, null passes where the platform sends null. */
  readonly input: z.ZodType;
  /** What Botpress gets, `deliveryId` included. */
  readonly schema: z.ZodObject;
  /** Pure: the same input and context give the same payload. */
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
  map(input: z.output<Input>, context: MapContext<Settings>): z.input<z.ZodObject<Shape>>;
}

const deliveryId = z.string().describe('Id of the Sluice delivery that this event was made from');

/**
 * Defines an event: which topic it comes from, what its input looks like, and how it is mapped.
 *
 * Every event's payload carries `deliveryId`, added here and not by mappers, so that reconciliation,
 * support and bots can always find it.
 */
export function defineEvent<Input extends z.ZodType, Shape extends z.ZodRawShape, Settings>(
  spec: EventSpec<Input, Shape, Settings>,
): EventDefinition<Settings> {
  return {
    ...spec,
    schema: spec.schema.extend({ deliveryId }),
    map: (input, context) => ({
      // mapDelivery passes only what `input` itself returned.
      ...spec.map(input as z.output<Input>, context),
      deliveryId: context.delivery.id,
    }),
  };
}
