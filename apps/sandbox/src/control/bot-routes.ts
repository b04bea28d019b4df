import { Router } from 'express';
import { type BotSettings, botSettings } from '../bots.ts';
import type { Sandbox } from '../sandbox.ts';
import { check, sendMistake } from './check.ts';

/** `/sandbox/bots`: give a bot a token, a state or a limit of its own. */
export function createBotRoutes({ bots }: Pick<Sandbox, 'bots'>): Router {
  const router = Router();
  router.put('/bots/:botId', (request, response) => {
    const settings = check(botSettings, request.body ?? {}, response);
    if (!settings) return;
    bots.put(request.params.botId, settings);
    response.json({ bot: present(request.params.botId, settings) });
  });
  router.get('/bots', (_request, response) => {
    response.json({ bots: [...bots.list()].map(([botId, settings]) => present(botId, settings)) });
  });
  router.delete('/bots', (_request, response) => {
    response.json({ removed: bots.clear() });
  });
  router.delete('/bots/:botId', (request, response) => {
    if (bots.remove(request.params.botId)) response.json({ removed: 1 });
    else sendMistake(response, 404, 'no such bot is registered');
  });
  return router;
}

/** Tokens are not shown: people point the sandbox at configurations that hold real ones. */
function present(botId: string, { token, ...rest }: BotSettings) {
  return { botId, hasToken: token !== undefined, ...rest };
}
