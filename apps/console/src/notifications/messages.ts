import type { Alert } from './collect-alerts.ts';

/** An alert with the time of its first check, in milliseconds since the epoch. */
export interface ActiveAlert {
  readonly alert: Alert;
  readonly since: number;
}

/** The content of one message. */
export interface Notification {
  readonly firing: readonly ActiveAlert[];
  /** Sent before and still firing. */
  readonly lasting: readonly ActiveAlert[];
  readonly resolved: readonly ActiveAlert[];
}

/** Alerts of a state that a message lists. A token shared by 1,000 connections would fill pages. */
const MAX_LISTED = 10;

/** Characters of a line. Reasons contain text of Botpress. */
const LINE_LENGTH = 300;

/** `over` is the name of resolved alerts in JSON messages. */
type State = 'firing' | 'lasting' | 'over';

const MARKS: Readonly<Record<State, string>> = {
  firing: ':red_circle:',
  lasting: ':large_orange_circle:',
  over: ':large_green_circle:',
};

const byState = (notification: Notification): readonly (readonly [State, readonly ActiveAlert[]])[] => [
  ['firing', notification.firing],
  ['lasting', notification.lasting],
  ['over', notification.resolved],
];

/** Returns the body of a message: text for Slack and compatible webhooks, or JSON for programs. */
export function writeMessage(notification: Notification, format: 'slack' | 'json'): object {
  return format === 'slack'
    ? { text: slackText(notification) }
    : { source: 'sluice', alerts: jsonAlerts(notification) };
}

function jsonAlerts(notification: Notification): object[] {
  return byState(notification).flatMap(([state, all]) =>
    all.map(({ alert: { key, title, detail }, since }) => ({
      state,
      key,
      title,
      detail,
      since: new Date(since).toISOString(),
    })),
  );
}

function slackText(notification: Notification): string {
  const lines = byState(notification).flatMap(([state, all]) => [
    ...all.slice(0, MAX_LISTED).map((one) => slackLine(state, one)),
    ...(all.length > MAX_LISTED ? [`${MARKS[state]} and ${all.length - MAX_LISTED} more`] : []),
  ]);
  return lines.join('\n');
}

function slackLine(state: State, { alert: { title, detail }, since }: ActiveAlert): string {
  const line = {
    firing: `${title}. ${detail}`,
    lasting: `${title} (since ${new Date(since).toISOString()}). ${detail}`,
    over: `Resolved: ${title}`,
  }[state];
  return `${MARKS[state]} ${escapeText(line.slice(0, LINE_LENGTH))}`;
}

/** Escapes the characters that begin a link or a mention in Slack. */
function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const TIMEOUT_MS = 5_000;

/**
 * Posts a message. Redirects are not followed, because their address is not checked.
 *
 * @returns the error without the address, which is a secret, or undefined
 */
export async function postMessage(url: string, message: object): Promise<string | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'sluice' },
      body: JSON.stringify(message),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response.ok ? undefined : `HTTP ${response.status}`;
  } catch (error) {
    return nameOf(error);
  }
}

/** Messages of fetch may contain the address. Codes and names do not. */
function nameOf(error: unknown): string {
  const { name, cause } = error as { readonly name?: string; readonly cause?: { readonly code?: string } };
  if (name === 'TimeoutError') return `no response within ${TIMEOUT_MS} ms`;
  return cause?.code ?? name ?? 'unknown';
}
