import type { Integration, Request, Response } from '@botpress/sdk';

export interface InstalledIntegration {
  /** Calls the integration as Botpress does for a request to its webhook address. */
  receive(req: Partial<Request>): Promise<Response>;
  /** Calls the integration as Botpress does when its configuration is saved. */
  register(): Promise<Response>;
}

/**
 * Returns functions that call an integration as Botpress does: through the SDK's handler, with the context in
 * headers. The client reads BP_API_URL and BP_TOKEN.
 */
export function installIntegration(
  integration: Integration,
  id: string,
  configuration: unknown,
  bot = 'bot-1',
): InstalledIntegration {
  const call = async (operation: string, payload: unknown): Promise<Response> => {
    const headers = {
      'x-bot-id': bot,
      'x-bot-user-id': 'user-1',
      'x-integration-id': id,
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
