export const linearSetUp: readonly string[] = [
  'In Linear, as an admin of the workspace, open Settings, API, Webhooks, and make a new webhook with {url} as its address.',
  'Choose the data that it tells of: issues for issueCreated, issueUpdated and issueDeleted, comments for commentCreated.',
  'Enter the signing secret that Linear shows for this webhook as the secret of the connection. Each webhook has its own.',
  'Keep the clock of ingest right: what Linear has signed more than a minute ago is refused.',
];
