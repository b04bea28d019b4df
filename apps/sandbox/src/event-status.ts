import { z } from 'zod';
import type { NewId } from './clock-and-ids.ts';
import { createSelection, type Selection, selectionFields } from './selection.ts';

/** The statuses that listEvents filters by. An event may also be `canceled`, for which no filter is documented. */
export const FILTER_STATUSES = ['pending', 'ignored', 'processed', 'failed', 'scheduled'] as const;

/** Final statuses that a rule may set. `pending`: the event never leaves that status. */
const FINAL_STATUSES = ['processed', 'ignored', 'failed', 'canceled', 'pending'] as const;

type FinalStatus = (typeof FINAL_STATUSES)[number];

/** How the status of an event moves: scheduled → pending → final. Times are milliseconds since the epoch. */
export interface StatusPlan {
  readonly finalStatus: FinalStatus;
  /** Only of a failed event. */
  readonly failureReason: string | null;
  /** End of `scheduled`. */
  readonly startsAt: number;
  /** End of `pending`. */
  readonly settlesAt: number;
}

/** The fields of a status plan in the journal. Journals of older versions have none of them. */
export const statusPlanFields = {
  finalStatus: z.enum(FINAL_STATUSES).default('processed'),
  failureReason: z.string().nullable().default(null),
  startsAt: z.number().default(0),
  settlesAt: z.number().default(0),
};

/** Returns status and failure reason of an event at a time. */
export function statusAt(
  plan: StatusPlan,
  now: number,
): { readonly status: FinalStatus | 'scheduled'; readonly failureReason: string | null } {
  if (now < plan.startsAt) return { status: 'scheduled', failureReason: null };
  if (now < plan.settlesAt) return { status: 'pending', failureReason: null };
  return { status: plan.finalStatus, failureReason: plan.failureReason };
}

const MAX_REASON_LENGTH = 2_000;
const MAX_DELAY_MS = 86_400_000;
const text = z.string().min(1).optional();

/** A rule: the final status of the events that it matches. */
export const statusRuleSchema = z
  .strictObject({
    status: z.enum(FINAL_STATUSES),
    failureReason: z.string().max(MAX_REASON_LENGTH).nullable().optional(),
    /** Milliseconds until the final status. Absent: the mode `statusDelayMs`. */
    delayMs: z.int().min(0).max(MAX_DELAY_MS).optional(),
    /** Conditions on the event. All given ones must hold. `type` is the type as sent. */
    match: z.strictObject({ botId: text, type: text, deliveryId: text }).prefault({}),
    ...selectionFields,
  })
  .refine(
    ({ status, failureReason }) => status === 'failed' || failureReason === undefined,
    'failureReason requires the status failed',
  );

export type StatusRule = z.output<typeof statusRuleSchema>;

/** A rule in the control API. `hits` is the number of events it applied to. */
export type StatusRuleReport = StatusRule & { readonly id: string; readonly hits: number };

interface NewEvent {
  readonly botId: string;
  readonly type: string;
  readonly deliveryId?: string | undefined;
}

/** The rules for final statuses, in order of creation. The first rule that selects an event applies. */
export interface StatusRules {
  add(rule: StatusRule): StatusRuleReport;
  list(): StatusRuleReport[];
  /** Returns false if the id is unknown. */
  remove(id: string): boolean;
  /** Removes all rules. Returns their number. Events keep the statuses that rules gave them. */
  clear(): number;
  /**
   * Decides how the status of a new event moves. Without a matching rule the event is processed.
   *
   * @param startsAt when the event is due, in milliseconds since the epoch
   */
  plan(event: NewEvent, startsAt: number): StatusPlan;
}

interface ActiveRule {
  readonly id: string;
  readonly rule: StatusRule;
  readonly selection: Selection;
}

/**
 * Creates an empty list of rules.
 *
 * @param defaultDelay returns the milliseconds until the final status, for events without a rule with its own
 */
export function createStatusRules(newId: NewId, defaultDelay: () => number): StatusRules {
  const active = new Map<string, ActiveRule>();

  function findRule(event: NewEvent): StatusRule | undefined {
    for (const { rule, selection } of active.values()) {
      if (matches(rule, event) && selection.select()) return rule;
    }
    return undefined;
  }

  return {
    add(rule) {
      const added = { id: newId('rul'), rule, selection: createSelection(rule) };
      active.set(added.id, added);
      return report(added);
    },
    list: () => [...active.values()].map(report),
    remove: (id) => active.delete(id),
    clear() {
      const count = active.size;
      active.clear();
      return count;
    },
    plan(event, startsAt) {
      const rule = active.size === 0 ? undefined : findRule(event);
      const finalStatus = rule?.status ?? 'processed';
      return {
        finalStatus,
        failureReason: finalStatus === 'failed' ? reasonOf(rule) : null,
        startsAt,
        settlesAt: startsAt + (rule?.delayMs ?? defaultDelay()),
      };
    },
  };
}

function matches({ match: { botId, type, deliveryId } }: StatusRule, event: NewEvent): boolean {
  return (
    (botId === undefined || botId === event.botId) &&
    (type === undefined || type === event.type) &&
    (deliveryId === undefined || deliveryId === event.deliveryId)
  );
}

function reasonOf(rule: StatusRule | undefined): string | null {
  return rule?.failureReason === undefined ? 'The workflow ended with an error.' : rule.failureReason;
}

function report({ id, rule, selection }: ActiveRule): StatusRuleReport {
  return { id, ...rule, hits: selection.hits };
}
