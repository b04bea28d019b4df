export const standardWebhooksSetUp: readonly string[] = [
  'Where the platform takes an endpoint (often in a portal of Svix), add {url}.',
  'Choose the types of events that settings.events of the connection names.',
  'Enter the endpoint’s signing secret, which begins with whsec_, as the secret of the connection. While it is rotated, keep old and new.',
  'Keep the clock of ingest right: what was signed more than five minutes ago, or will be, is refused.',
];
