/**
 * The one door to libs/events. By path, because the package lives outside of the workspace, and because
 * Botpress' bundler knows neither the workspace nor the condition `@sluice/source`.
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
  type SourceDefinition,
  type UnpackedComplianceRequest,
  type UnpackedDelivery,
  type UnverifiedWebhook,
  unpackWebhook,
  validateDelivery,
  verifyWebhook,
} from '../../libs/events/src/index.ts';
