import type { Caller } from './identity.ts';

export type EventStatus = 'pending' | 'scheduled';

/** An event as the sandbox keeps it. */
export interface SandboxEvent {
  readonly id: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly botId: string;
  /** Absent when the bot itself made it. */
  readonly integrationId?: string | undefined;
  readonly integrationAlias?: string | undefined;
  /** As it was sent: bare, when an integration sent it. */
  readonly type: string;
  /** JSON text: a parsed payload of 8 kB takes five times the memory, and is only ever sent on. */
  readonly payload: string;
  /** The payload's own `deliveryId`, where it has one. */
  readonly deliveryId?: string | undefined;
  readonly conversationId?: string | undefined;
  readonly userId?: string | undefined;
  readonly messageId?: string | undefined;
  readonly workflowId?: string | undefined;
  readonly status: EventStatus;
}

/** Whether the caller may see the event: a bot sees all of its own, an integration those it made there. */
export function isVisible(event: SandboxEvent, caller: Caller): boolean {
  if (event.botId !== caller.botId) return false;
  return caller.integrationId === undefined || caller.integrationId === event.integrationId;
}

/** The type as the caller sees it: bare for the integration, `integration:type` for the bot. */
export function seenType(event: SandboxEvent, caller: Caller): string {
  if (event.integrationId === undefined || caller.integrationId !== undefined) return event.type;
  return `${event.integrationAlias ?? event.integrationId}:${event.type}`;
}

/** The event as JSON text, as the Runtime API shows it to the caller. */
export function presentEvent(event: SandboxEvent, caller: Caller): string {
  const rest = JSON.stringify({
    conversationId: event.conversationId,
    userId: event.userId,
    messageId: event.messageId,
    status: event.status,
    failureReason: null,
  });
  const type = JSON.stringify(seenType(event, caller));
  const head = `{"id":"${event.id}","createdAt":"${event.createdAt}","type":${type}`;
  return `${head},"payload":${event.payload},${rest.slice(1)}`;
}
