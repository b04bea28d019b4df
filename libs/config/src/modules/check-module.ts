import type { EventDefinition, SourceDefinition } from '@sluice/events';
import { explainIssue } from '../explain-issue.ts';
import { formatPath } from '../path.ts';
import type { ModuleProblem } from './import-module.ts';
import { moduleShape } from './source-shape.ts';

/** What a module of the user's brings. */
export interface SourceModule {
  readonly sources: readonly SourceDefinition[];
  /** Added to sources, by their names. */
  readonly events: Readonly<Record<string, readonly EventDefinition[]>>;
}

export type CheckedModule =
  | { readonly ok: true; readonly module: SourceModule }
  | { readonly ok: false; readonly problems: readonly ModuleProblem[] };

const FORM = 'export default ({ defineSource, defineEvent, z }) => ({ sources: [ … ], events: { … } })';

/** Checks what a module exported, or its factory returned. Whether its names are free is not looked at. */
export function checkModule(exported: unknown): CheckedModule {
  const parsed = moduleShape.safeParse(exported);
  if (!parsed.success) {
    const explained = parsed.error.issues.flatMap((issue) => explainIssue(moduleShape, issue, exported));
    return {
      ok: false,
      problems: explained.map(({ path, message, hint }) => ({
        message: path.length === 0 ? `what it exports ${saying(message)}` : `${formatPath(path)} ${message}`,
        hint: hint ?? FORM,
      })),
    };
  }
  // The originals: what the schema returned are copies, without the prototype of an instance.
  const { sources = [], events = {} } = exported as Partial<SourceModule>;
  if (sources.length > 0 || Object.keys(events).length > 0) return { ok: true, module: { sources, events } };
  return { ok: false, problems: [{ message: 'exports neither sources nor events', hint: FORM }] };
}

/** An unknown key is found, not been. */
function saying(message: string): string {
  return message.startsWith('unknown key') ? `has an ${message}` : message;
}
