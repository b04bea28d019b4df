export const customSetUp: readonly string[] = [
  'Where the platform takes an address for webhooks, enter {url}.',
  'Enter the key that it signs with, or the token that it sends along, as the secret of the connection.',
  'Describe in the settings of the connection where signature, topic and idempotency key stand, and which event each topic becomes: docs/how-to/add-a-source.md.',
];
