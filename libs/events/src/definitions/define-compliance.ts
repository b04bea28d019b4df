import type { z } from 'zod';
import { checkSchema, type Issue } from '../delivery/check-schema.ts';
import type { Delivery } from '../delivery/delivery.ts';

/** Returns whether a stored delivery must be erased. */
export type ErasurePredicate = (delivery: Delivery) => boolean;

/**
 * A topic by which a platform forwards privacy requests of people or accounts: disclose or erase what is
 * stored. Its webhooks are stored as deliveries, cannot be disabled, and become no event.
 */
export interface ComplianceDefinition {
  readonly topic: string;
  readonly description: string;
  readonly input: z.ZodType;
  /** Returns the account for the audit line, e.g. a shop's domain; never a person. */
  account(input: unknown): string;
  /**
   * Builds the predicate that selects the deliveries to erase; called once per request. Pure. Without it the
   * request is only recorded.
   *
   * @param request the delivery of the request itself
   */
  concerns?(input: unknown, request: Delivery): ErasurePredicate;
}

interface ComplianceSpec<Input extends z.ZodType> {
  readonly topic: string;
  readonly description: string;
  readonly input: Input;
  account(input: z.output<Input>): string;
  concerns?(input: z.output<Input>, request: Delivery): ErasurePredicate;
}

/** Defines a compliance topic. Returns its argument; only the types change. */
export function defineCompliance<Input extends z.ZodType>(spec: ComplianceSpec<Input>): ComplianceDefinition {
  // `readComplianceRequest` passes only the output of `spec.input`.
  return spec as unknown as ComplianceDefinition;
}

/** Returns the source's compliance definition for a topic, or `undefined` for all other topics. */
export function findCompliance(
  source: { readonly compliance?: readonly ComplianceDefinition[] },
  topic: string,
): ComplianceDefinition | undefined {
  return source.compliance?.find((definition) => definition.topic === topic);
}

/** A platform's request, read from its stored delivery: record it, or erase the deliveries it concerns. */
export type ComplianceRequest =
  | { readonly ok: true; readonly action: 'record'; readonly account: string }
  | {
      readonly ok: true;
      readonly action: 'erase';
      readonly account: string;
      readonly concerns: ErasurePredicate;
    }
  | { readonly ok: false; readonly message: string; readonly issues: readonly Issue[] };

/**
 * Reads a stored compliance request. Never throws.
 *
 * @returns the request, or issues if the body does not match the definition's input schema
 */
export function readComplianceRequest(
  definition: ComplianceDefinition,
  request: Delivery,
): ComplianceRequest {
  const checked = checkSchema(definition.input, parseOrUndefined(request.body));
  if (!checked.ok) return { ok: false, message: `does not fit ${definition.topic}`, issues: checked.issues };
  const account = definition.account(checked.data);
  const concerns = definition.concerns?.(checked.data, request);
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
