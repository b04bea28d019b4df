import { CALLER } from '../order-event.ts';
import { SHOPS, shopName } from '../shops.ts';

export const WORKFLOW_ID = 'bench';

const CREATE = 'Create the event';

/** Of the same event as the others', made by an expression. */
const BODY = `={{ JSON.stringify({ type: "newOrderCreated", payload: {
  deliveryId: $json.headers["x-shopify-webhook-id"], order_id: $json.body.id,
  shopName: "bench", confirmation_number: $json.body.confirmation_number, created_at: $json.body.created_at,
  fullBody: $json.body } }) }}`;

/**
 * A webhook for each shop, answered at once, and a node that creates the event. Signatures are not verified, in its
 * favour: its Webhook node has no HMAC over raw bytes.
 */
export function n8nWorkflow(apiUrl: string): object {
  const hooks = Array.from({ length: SHOPS }, (_, index) => webhookNode(shopName(index), index));
  const toCreate = { main: [[{ node: CREATE, type: 'main', index: 0 }]] };
  return {
    ...{ id: WORKFLOW_ID, name: 'Orders become events', active: false },
    nodes: [...hooks, requestNode(apiUrl)],
    connections: Object.fromEntries(hooks.map(({ name }) => [name, toCreate])),
    settings: { executionOrder: 'v1' },
  };
}

function webhookNode(name: string, index: number) {
  return {
    ...{ id: name, name, webhookId: name, type: 'n8n-nodes-base.webhook', typeVersion: 2 },
    position: [0, index * 100],
    parameters: { httpMethod: 'POST', path: name, responseMode: 'onReceived', options: {} },
  };
}

function requestNode(apiUrl: string): object {
  const headers = {
    authorization: `Bearer ${CALLER.token}`,
    'x-bot-id': CALLER.botId,
    'x-integration-id': CALLER.integrationId,
  };
  return {
    ...{
      id: 'create',
      name: CREATE,
      type: 'n8n-nodes-base.httpRequest',
      typeVersion: 4.2,
      position: [300, 0],
    },
    parameters: {
      ...{ method: 'POST', url: `${apiUrl}/v1/chat/events`, sendHeaders: true, options: {} },
      headerParameters: { parameters: Object.entries(headers).map(([name, value]) => ({ name, value })) },
      ...{ sendBody: true, contentType: 'json', specifyBody: 'json', jsonBody: BODY },
    },
  };
}
