import type { Integration, Request, Response } from '@botpress/sdk';

export interface Installed {
  /** As Botpress calls it when something comes to the webhook's address. */
  receive(req: Partial<Request>): Promise<Response>;
  /** As Botpress calls it when the owner saves the configuration. */
  register(): Promise<Response>;
}

/**
 * Calls an integration as Botpress does: through the SDK's own handler, with a context in headers. Events go
 * where BP_API_URL says, with the SDK's own way to find the token.
 */
export function install(integration: Integration, configuration: unknown, bot = 'bot-1'): Installed {
  const call = async (operation: string, payload: unknown): Promise<Response> => {
    const headers = {
      'x-bot-id': bot,
      'x-bot-user-id': 'user-1',
      'x-integration-id': INTEGRATION_ID,
      'x-integration-alias': 'mine',
      'x-webhook-id': `webhook-of-${bot}`,
      'x-bp-operation': operation,
      'x-bp-configuration': Buffer.from(JSON.stringify(configuration)).toString('base64'),
    };
    const body = JSON.stringify(payload);
    const response = await integration.handler({ method: 'POST', path: '/', query: '', headers, body });
    if (!response) throw new Error('no response');
    return response;
  };
  return {
    receive: (req) =>
      call('webhook_received', { req: { method: 'POST', path: '', query: '', headers: {}, ...req } }),
    register: () => call('register', { webhookUrl: 'https://webhook.botpress.cloud/webhook-1' }),
  };
}

export const INTEGRATION_ID = 'integration-of-the-test';
