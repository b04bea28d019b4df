import { checkSchema } from './check-shape.ts';
import type { ComplianceDefinition, ErasurePredicate } from './define-compliance.ts';
import type { SourceDefinition } from './define-source.ts';
import type { Delivery } from './delivery.ts';
import type { Issue } from './issues.ts';

/** What a platform asks for, read from its stored delivery. */
export type ComplianceRequest =
  | { readonly ok: true; readonly action: 'record'; readonly account: string }
  | {
      readonly ok: true;
      readonly action: 'erase';
      readonly account: string;
      readonly concerns: ErasurePredicate;
    }
  | { readonly ok: false; readonly message: string; readonly issues: readonly Issue[] };

/** Finds what a source defines for a topic that people's rights come by; undefined for all other topics. */
export function findCompliance(source: SourceDefinition, topic: string): ComplianceDefinition | undefined {
  return source.compliance?.find((definition) => definition.topic === topic);
}

/** Reads a stored compliance request. Never throws on a body that does not fit. */
export function readComplianceRequest(
  definition: ComplianceDefinition,
  request: Delivery,
): ComplianceRequest {
  const parsed = checkSchema(definition.input, parseOrUndefined(request.body));
  if (!parsed.ok) return { ok: false, message: `does not fit ${definition.topic}`, issues: parsed.issues };
  const account = definition.account(parsed.data);
  const concerns = definition.concerns?.(parsed.data, request);
  return concerns
    ? { ok: true, action: 'erase', account, concerns }
    : { ok: true, action: 'record', account };
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
