export const shopifySetUp: readonly string[] = [
  'In your app’s shopify.app.toml, or with the Admin API, subscribe to the topics that are switched on, with {url} as the address. All topics may have the same address.',
  'An app that many shops install may use its one address, ending in /webhooks/shopify: then set settings.shopDomain of each connection.',
  'Enter the app’s client secret as the secret of the connection. Webhooks made in the admin of a shop are signed with another key, which the admin shows below its list of webhooks.',
  'For the mandatory topics customers/data_request, customers/redact and shop/redact, enter the same address.',
  'When you rotate the client secret, keep old and new among the secrets for an hour at least: Shopify goes on to sign with the old one for a while.',
];
