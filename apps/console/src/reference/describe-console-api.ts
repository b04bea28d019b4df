import { describeApi, type OpenApiDocument } from '../api/open-api.ts';
import { OPERATIONS } from '../operations/index.ts';
import { sessionOperations } from '../sign-in/serve-sessions.ts';

/** Returns the OpenAPI document of the console. */
export function describeConsoleApi(): OpenApiDocument {
  return describeApi({ ...OPERATIONS, Session: sessionOperations });
}
