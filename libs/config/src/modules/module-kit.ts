import {
  defineCompliance,
  defineEvent,
  defineSource,
  sliceElements,
  sliceJson,
  verifyHmac,
  withoutNulls,
} from '@sluice/events';
import { z } from 'zod';

/**
 * What a module of the user's is handed, so that it needs to import nothing and may lie anywhere. It
 * default-exports a function from this to `{ sources, events }`, which may be async.
 */
export const moduleKit = {
  defineSource,
  defineEvent,
  defineCompliance,
  sliceElements,
  sliceJson,
  verifyHmac,
  withoutNulls,
  z,
} as const;

export type ModuleKit = typeof moduleKit;
