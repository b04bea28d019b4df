import type { Request } from '@botpress/sdk';
import type { Result } from './answer.ts';
import { createEvents, openClient } from './create-events.ts';
import { type Configured, readConfiguration } from './read-configuration.ts';
import { type Received, receiveWebhook } from './receive-webhook.ts';
import type { SourceDefinition } from './sluice-events.ts';

/** The part of Botpress' context that is used. */
export interface Context {
  readonly botId: string;
  readonly integrationId: string;
  readonly integrationAlias: string;
  readonly webhookId: string;
  readonly configuration: unknown;
}

/** The part of Botpress' logger that is used; lines hold no secret and no payload. */
export interface Log {
  info(line: string): void;
  warn(line: string): void;
  error(line: string): void;
}

export interface Handling {
  readonly source: SourceDefinition;
  readonly ctx: Context;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Handles one request of the platform, from its raw text to the events in Botpress. */
export async function handleRequest(handling: Handling, req: Request): Promise<Result> {
  const { source, ctx, log } = handling;
  const reading = readConfiguration(source, ctx.configuration);
  switch (reading.kind) {
    case 'events_only':
      log.warn('webhook refused: no secret is configured');
      return { kind: 'unauthenticated' };
    case 'wrong':
      log.error(`webhook not taken: the configuration is wrong: ${reading.problem}`);
      return { kind: 'unavailable' };
    case 'configured':
      return byMethod(handling, reading.configured, req);
  }
}

async function byMethod(handling: Handling, configured: Configured, req: Request): Promise<Result> {
  switch (req.method.toUpperCase()) {
    case 'GET':
      return answerHandshake(handling.source, configured, req);
    case 'POST':
      return handleWebhook(handling, configured, req);
    default:
      return { kind: 'wrong_method' };
  }
}

function answerHandshake(source: SourceDefinition, { secrets, settings }: Configured, req: Request): Result {
  const query = Object.fromEntries(new URLSearchParams(req.query));
  const answer = source.handshake?.(query, { secrets, settings }) ?? { ok: false };
  return answer.ok ? { kind: 'challenge', challenge: answer.challenge } : { kind: 'forbidden' };
}

async function handleWebhook(handling: Handling, configured: Configured, req: Request): Promise<Result> {
  const { source, ctx, log, now } = handling;
  const webhook = { headers: lowerCase(req.headers), body: Buffer.from(req.body ?? ''), receivedAt: now() };
  const received = receiveWebhook(source, configured, ctx.webhookId, webhook);
  switch (received.kind) {
    case 'unauthenticated':
      log.warn(`webhook refused: ${received.why}`);
      return { kind: 'unauthenticated' };
    case 'malformed':
      log.warn(`webhook refused: ${received.detail}`);
      return received;
    case 'received':
      return deliver(handling, received);
  }
}

async function deliver(
  { ctx, log }: Handling,
  { events, unfit, noted }: Extract<Received, { kind: 'received' }>,
): Promise<Result> {
  for (const { delivery, why } of unfit) log.error(`${delivery.id} ${delivery.topic} lost: ${why}`);
  for (const { delivery, account } of noted) log.info(`${delivery.id} ${delivery.topic} of ${account} noted`);
  if (events.length === 0) return { kind: 'ignored' };

  const { created, failures } = await createEvents(openClient(ctx), events);
  for (const { delivery, type } of created) log.info(`${delivery.id} ${delivery.topic} became ${type}`);
  for (const { event, why } of failures)
    log.error(`${event.delivery.id} ${event.delivery.topic} failed: ${why}`);
  if (created.length < events.length) return { kind: 'unavailable' };
  return { kind: 'created', deliveries: created.map(({ delivery }) => delivery.id) };
}

function lowerCase(headers: Request['headers']): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
