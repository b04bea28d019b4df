import type { News, Told } from './alert.ts';

/** Alerts of a kind that are written out; a token that a thousand connections share would make a page. */
const LISTED = 10;

/** Characters of one line: reasons have words of Botpress in them. */
const LINE_LENGTH = 300;

type Kind = 'firing' | 'lasting' | 'over';

const MARKS: Readonly<Record<Kind, string>> = {
  firing: ':red_circle:',
  lasting: ':large_orange_circle:',
  over: ':large_green_circle:',
};

const KINDS = (news: News): readonly (readonly [Kind, readonly Told[]])[] => [
  ['firing', news.begun],
  ['lasting', news.lasting],
  ['over', news.over],
];

/** Writes the body of a message: what Slack and its likes take, or JSON for programs. */
export function writeMessage(news: News, format: 'slack' | 'json'): object {
  return format === 'slack' ? { text: slackText(news) } : { source: 'sluice', alerts: plainAlerts(news) };
}

function plainAlerts(news: News): object[] {
  return KINDS(news).flatMap(([state, all]) =>
    all.map(({ alert: { key, title, detail }, since }) => ({
      state,
      key,
      title,
      detail,
      since: new Date(since).toISOString(),
    })),
  );
}

function slackText(news: News): string {
  const lines = KINDS(news).flatMap(([kind, all]) => [
    ...all.slice(0, LISTED).map((told) => slackLine(kind, told)),
    ...(all.length > LISTED ? [`${MARKS[kind]} and ${all.length - LISTED} more`] : []),
  ]);
  return lines.join('\n');
}

function slackLine(kind: Kind, { alert: { title, detail }, since }: Told): string {
  const hours = { firing: '', lasting: ` (since ${new Date(since).toISOString()})`, over: ' (over)' }[kind];
  const line = kind === 'over' ? `${title}${hours}` : `${title}${hours}. ${detail}`;
  return `${MARKS[kind]} ${escapeText(line.slice(0, LINE_LENGTH))}`;
}

/** Slack's own characters: a link or a call of everybody would begin with them. */
function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
