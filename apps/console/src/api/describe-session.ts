import { signInBody } from '../sign-in/serve-sessions.ts';
import { whoSchema } from '../views/who.ts';
import { describeProblems, toSchema } from './to-schema.ts';

/** What the document tells of signing in and out, for which nobody has to be signed in. */
export function describeSession(): Record<string, object> {
  return {
    post: {
      operationId: 'post_session',
      summary:
        'Turns a token into the cookie sluice_session, for the page; it ends after 12 h, or 2 h without a request',
      security: [],
      parameters: [],
      requestBody: {
        required: true,
        content: { 'application/json': { schema: toSchema(signInBody, 'input') } },
      },
      responses: {
        200: {
          description: 'It went well.',
          headers: { 'Set-Cookie': { schema: { type: 'string' } } },
          content: { 'application/json': { schema: toSchema(whoSchema, 'output') } },
        },
        ...describeProblems([400, 401, 403, 409, 413, 415, 429, 500]),
      },
    },
    delete: {
      operationId: 'delete_session',
      summary: 'Ends the session of the cookie, if there is one',
      security: [],
      parameters: [],
      responses: { 204: { description: 'It has ended.' }, ...describeProblems([403, 429, 500]) },
    },
  };
}
