import { Integration, RuntimeError } from '@botpress/sdk';
import { toResponse } from './answer.ts';
import { handleRequest } from './handle-request.ts';
import { readConfiguration } from './read-configuration.ts';
import type { SourceDefinition } from './sluice-events.ts';

/** Implements the Botpress integration of a source: what `src/index.ts` exports. */
export function implementSluiceIntegration(source: SourceDefinition): Integration {
  return new Integration({
    // An owner who installs it with a wrong setting is told at once.
    register: async ({ ctx }) => {
      const reading = readConfiguration(source, ctx.configuration);
      if (reading.kind === 'wrong') throw new RuntimeError(reading.problem);
    },
    unregister: async () => {},
    handler: async ({ req, ctx, logger }) => {
      const log = logger.forBot();
      try {
        const result = await handleRequest({ source, ctx, log, now: Date.now }, req);
        return toResponse(result, source.reply);
      } catch (error) {
        // Only the kind: its message may quote the webhook.
        log.error(`webhook failed: ${error instanceof Error ? error.name : typeof error}`);
        return toResponse({ kind: 'unavailable' });
      }
    },
    actions: {},
    channels: {},
  });
}
