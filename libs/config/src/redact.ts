/** Shorter ones would blot out parts of ordinary words, and are no secrets worth the name. */
const SHORTEST_HIDDEN = 4;

/**
 * Blots out of a message whatever may be secret in a connection. For the words of settings schemas that
 * users wrote, which may quote the value they refuse; our own quote none.
 *
 * @param resolved texts that environment variables had a part in
 */
export function redact(message: string, connection: unknown, resolved: ReadonlySet<string>): string {
  const { secrets, settings, botpress } = mapping(connection);
  return [...textsIn(secrets), ...textsIn(settings), ...textsIn(mapping(botpress).token), ...resolved]
    .filter((text) => text.length >= SHORTEST_HIDDEN)
    .sort((a, b) => b.length - a.length)
    .reduce((redacted, text) => redacted.replaceAll(text, '[hidden]'), message);
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function mapping(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
