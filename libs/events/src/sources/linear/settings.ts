import { z } from 'zod';
import { fieldOf } from '../../delivery/json-slice.ts';

/** Stands for every OAuth application and integration in `ignoreActors`. */
const APPS = 'apps';

/** The settings of a connection with `source: linear`. */
export const linearSettings = z.strictObject({
  ignoreActors: z
    .array(
      z
        .string()
        .min(1, 'is empty')
        // Botpress' own integration asks Linear for its user. Sluice has no access to Linear's API.
        .refine(
          (actor) => actor !== 'self',
          'is not an id: Sluice cannot ask Linear which user the bot is. Use apps, or the id that the query { viewer { id } } returns with the key of the bot',
        ),
    )
    .min(1, 'is empty')
    .optional()
    .describe(
      'actors whose webhooks are ignored, so that a bot does not trigger itself: ids of users, OAuth applications or integrations, and apps for every application and integration',
    ),
});

export type LinearSettings = z.output<typeof linearSettings>;

/**
 * Returns whether `ignoreActors` names the actor of a webhook: the `actor`, and for an object that the webhook
 * created its author. Older webhooks have no actor, and their author counts for every action, as in Botpress'
 * own Linear integration, which skips webhooks by `data.userId` and `data.user.id`.
 */
export function ignoresLinearActor(input: unknown, { ignoreActors }: LinearSettings): boolean {
  if (!ignoreActors) return false;
  const actor = fieldOf(input, 'actor');
  const data = fieldOf(input, 'data');
  const isNew = fieldOf(input, 'action') === 'create';
  const authors =
    isNew || actor == null
      ? [fieldOf(data, 'userId'), idOf(fieldOf(data, 'user')), idOf(fieldOf(data, 'botActor'))]
      : [];
  const creator = isNew ? fieldOf(data, 'creatorId') : undefined;
  const ids = [idOf(actor), ...authors, creator];
  if (ids.some((id) => typeof id === 'string' && ignoreActors.includes(id))) return true;
  return ignoreActors.includes(APPS) && (isApp(actor) || (isNew && fieldOf(data, 'botActor') != null));
}

function idOf(actor: unknown): unknown {
  return fieldOf(actor, 'id');
}

/** Linear's other types are `user` and `externalUser`. An unknown type is not ignored. */
const APP_TYPES = new Set(['oauthclient', 'integration', 'application', 'app']);

function isApp(actor: unknown): boolean {
  const type = fieldOf(actor, 'type');
  return typeof type === 'string' && APP_TYPES.has(type.toLowerCase());
}
