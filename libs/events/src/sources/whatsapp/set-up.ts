export const whatsappSetUp: readonly string[] = [
  'Make up a verify token, and set it as settings.verifyToken of the connection. It only proves the address; never use the app secret for it.',
  'Enter the app secret of Meta’s dashboard (App settings, Basic) as the secret of the connection.',
  'In the dashboard, under WhatsApp, Configuration, enter {url} as the callback URL, and the verify token. Meta calls the address at once, and ingest has to answer by then.',
  'Subscribe to the field messages, and to message_template_status_update for templates.',
  'For chatOpened switch enable_welcome_message on for the phone number. Meta says itself that it does not always work.',
];
