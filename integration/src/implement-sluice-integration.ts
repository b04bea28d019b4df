import type { Integration, Request, RuntimeError } from '@botpress/sdk';
import { type BotpressClient, createEvents, openClient } from './create-events.ts';
import { type Configuration, readConfiguration } from './read-configuration.ts';
import { type ReceivedWebhook, receiveWebhook } from './receive-webhook.ts';
import { type Result, toResponse } from './response.ts';
import type { SourceDefinition } from './sluice-events.ts';

/**
 * Botpress' packages as the integration's folder installs them. This file lies outside of that folder and would
 * resolve others.
 */
export interface BotpressPackages extends BotpressClient {
  readonly Integration: typeof Integration;
  readonly RuntimeError: typeof RuntimeError;
}

/** Implements the Botpress integration of a source: the export of `src/index.ts`. */
export function implementSluiceIntegration(
  source: SourceDefinition,
  botpress: BotpressPackages,
): Integration {
  return new botpress.Integration({
    // Rejects an installation with an invalid setting.
    register: async ({ ctx }) => {
      const result = readConfiguration(source, ctx.configuration);
      if (result.kind === 'invalid') throw new botpress.RuntimeError(result.problem);
    },
    unregister: async () => {},
    handler: async ({ req, ctx, logger }) => {
      const log = logger.forBot();
      try {
        const result = await handleRequest({ source, botpress, ctx, log, now: Date.now }, req);
        return toResponse(result, source.reply);
      } catch (error) {
        // Only the error name: its message may quote the webhook.
        log.error(`webhook failed: ${error instanceof Error ? error.name : typeof error}`);
        return toResponse({ kind: 'unavailable' });
      }
    },
    actions: {},
    channels: {},
  });
}

/** The used part of Botpress' context. */
interface Context {
  readonly botId: string;
  readonly integrationId: string;
  readonly integrationAlias: string;
  readonly webhookId: string;
  readonly configuration: unknown;
}

/** The used part of Botpress' logger. Lines contain no secrets and no payloads. */
interface Log {
  info(line: string): void;
  warn(line: string): void;
  error(line: string): void;
}

interface HandlerDependencies {
  readonly source: SourceDefinition;
  readonly botpress: BotpressClient;
  readonly ctx: Context;
  readonly log: Log;
  /** Returns the time in milliseconds since the epoch. */
  readonly now: () => number;
}

/** Handles one request of the platform: reads the configuration, then a handshake or a webhook. */
async function handleRequest(dependencies: HandlerDependencies, req: Request): Promise<Result> {
  const { source, ctx, log } = dependencies;
  const result = readConfiguration(source, ctx.configuration);
  switch (result.kind) {
    case 'events_only':
      log.warn('webhook rejected: no secret is configured');
      return { kind: 'unauthenticated' };
    case 'invalid':
      log.error(`webhook not accepted: invalid configuration: ${result.problem}`);
      return { kind: 'unavailable' };
    case 'configured':
      return handleMethod(dependencies, result.configuration, req);
  }
}

async function handleMethod(
  dependencies: HandlerDependencies,
  configuration: Configuration,
  req: Request,
): Promise<Result> {
  switch (req.method.toUpperCase()) {
    case 'GET':
      return handleHandshake(dependencies.source, configuration, req);
    case 'POST':
      return handleWebhook(dependencies, configuration, req);
    default:
      return { kind: 'wrong_method' };
  }
}

function handleHandshake(
  source: SourceDefinition,
  { secrets, settings }: Configuration,
  req: Request,
): Result {
  const query = Object.fromEntries(new URLSearchParams(req.query));
  const handshake = source.handshake?.(query, { secrets, settings }) ?? { ok: false };
  return handshake.ok ? { kind: 'challenge', challenge: handshake.challenge } : { kind: 'forbidden' };
}

async function handleWebhook(
  dependencies: HandlerDependencies,
  configuration: Configuration,
  req: Request,
): Promise<Result> {
  const { source, ctx, log, now } = dependencies;
  const headers = withLowerCaseNames(req.headers);
  const webhook = { headers, body: Buffer.from(req.body ?? ''), receivedAt: now() };
  const received = receiveWebhook(source, configuration, ctx.webhookId, webhook);
  switch (received.kind) {
    case 'unauthenticated':
      log.warn(`webhook rejected: ${received.reason}`);
      return { kind: 'unauthenticated' };
    case 'malformed':
      log.warn(`webhook rejected: ${received.detail}`);
      return received;
    case 'received':
      return deliver(dependencies, received);
  }
}

async function deliver(
  { botpress, ctx, log }: HandlerDependencies,
  { events, invalid, compliance }: Extract<ReceivedWebhook, { kind: 'received' }>,
): Promise<Result> {
  for (const { delivery, reason } of invalid) log.error(`${delivery.id} ${delivery.topic} lost: ${reason}`);
  for (const { delivery, account } of compliance) {
    log.info(`${delivery.id} ${delivery.topic} of ${account} recorded`);
  }
  if (events.length === 0) return { kind: 'ignored' };

  const { created, failures } = await createEvents(openClient(botpress, ctx), events, botpress.isApiError);
  for (const { delivery, type } of created) log.info(`${delivery.id} ${delivery.topic} became ${type}`);
  for (const { event, reason } of failures) {
    log.error(`${event.delivery.id} ${event.delivery.topic} failed: ${reason}`);
  }
  if (created.length < events.length) return { kind: 'unavailable' };
  return { kind: 'created', deliveries: created.map(({ delivery }) => delivery.id) };
}

function withLowerCaseNames(headers: Request['headers']): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
