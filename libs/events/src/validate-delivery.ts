import { checkSchema } from './check-shape.ts';
import type { Issue } from './issues.ts';
import type { UnpackedComplianceRequest, UnpackedDelivery } from './unpack-webhook.ts';

/** Checks a delivery's input against the input schema of its event or compliance topic; no issues: it fits. */
export function validateDelivery(unpacked: UnpackedDelivery | UnpackedComplianceRequest): readonly Issue[] {
  const definition = 'event' in unpacked ? unpacked.event : unpacked.compliance;
  const shape = checkSchema(definition.input, unpacked.input);
  return shape.ok ? [] : shape.issues;
}
