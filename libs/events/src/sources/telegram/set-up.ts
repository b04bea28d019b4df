export const telegramSetUp: readonly string[] = [
  'Make up a secret of 1 to 256 letters, digits, hyphens and _ (openssl rand -hex 32), and enter it as the secret of the connection. It is all that proves an update.',
  'Call setWebhook of the Bot API with url={url}, secret_token=that secret, and allowed_updates=["message","chat_member","my_chat_member","chat_join_request"]: Telegram leaves chat_member out unless it is named.',
  'Make the bot an administrator of the groups it watches: others are not told of members who join or leave.',
  'A bot has one webhook only. What polls getUpdates for the same bot gets nothing any more.',
];
