import { Integration } from '@botpress/sdk';

/** Sluice creates the events through Botpress' API. The integration itself receives no webhooks. */
export default new Integration({
  register: async () => {},
  unregister: async () => {},
  handler: async () => ({ status: 404, body: 'This integration receives no webhooks. Send them to Sluice.' }),
  actions: {},
  channels: {},
});
