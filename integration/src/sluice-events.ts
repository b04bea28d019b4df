import { createSourceRegistry, type SourceDefinition } from '../../libs/events/src/index.ts';

/**
 * The only imports from libs/events. They use a path because this package is outside of the workspace, and
 * Botpress' bundler does not know the workspace or the condition `@sluice/source`.
 */
export {
  type ChosenEvents,
  chooseEvents,
  createSourceRegistry,
  type Delivery,
  type DeliveryId,
  type EventDefinition,
  mapDelivery,
  parseWebhook,
  readComplianceRequest,
  receivedEvent,
  type SourceDefinition,
  type UnpackedComplianceRequest,
  type UnpackedDelivery,
  type UnverifiedWebhook,
  unpackWebhook,
  validateDelivery,
  verifyWebhook,
} from '../../libs/events/src/index.ts';

/** Returns a built-in source. Throws a RangeError if the name is unknown. */
export function builtIn(name: string): SourceDefinition {
  const source = createSourceRegistry().get(name);
  if (!source) throw new RangeError(`Unknown built-in source: ${name}`);
  return source;
}
