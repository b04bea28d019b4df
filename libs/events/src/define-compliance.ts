import type { z } from 'zod';
import type { Delivery } from './delivery.ts';

/** Tells whether a stored delivery is among those that are to be erased. */
export type ErasurePredicate = (delivery: Delivery) => boolean;

/**
 * A topic by which a platform passes on what the law gives to people and accounts: to know what is stored
 * of them, to have it erased. It is stored as a delivery like any other, cannot be switched off, and
 * becomes no event.
 */
export interface ComplianceDefinition {
  readonly topic: string;
  readonly description: string;
  readonly input: z.ZodType;
  /** Whose data it is about, for the audit line: an account, like a shop's domain, and never a person. */
  account(input: unknown): string;
  /**
   * Builds, once, what finds the deliveries to be erased; pure. Without it the request is only recorded.
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

/** Defines a compliance topic. It changes nothing but the types. */
export function defineCompliance<Input extends z.ZodType>(spec: ComplianceSpec<Input>): ComplianceDefinition {
  // readCompliance passes only what `input` itself returned.
  return spec as unknown as ComplianceDefinition;
}
