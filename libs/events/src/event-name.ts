import { z } from 'zod';

/** What Botpress takes as an event's bare name. */
export const EVENT_NAME_PATTERN = /^[a-z][a-zA-Z0-9]{0,199}$/;

/** The name of an event in settings, where users name them. */
export const eventName = z
  .string()
  .regex(
    EVENT_NAME_PATTERN,
    'is not an event name: camelCase, letters and digits, at most 200, like invoicePaid',
  );
