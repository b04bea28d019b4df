import { sampleId } from '../../sample-id.ts';

const ISSUES = [
  {
    title: 'Checkout asks for the postcode twice',
    description: 'On **Safari 18** only.\n\n1. Fill the cart',
    priority: 2,
  },
  {
    title: 'Sync stops after a token refresh',
    description: 'See the log of 03:12 — 401, then nothing.',
    priority: 1,
  },
  { title: 'Übersetzung der Rechnung prüfen 🇩🇪', description: undefined, priority: 0 },
  {
    title: 'Let admins export the audit log as CSV',
    description: 'Asked for by *three* customers.',
    priority: 3,
  },
] as const;

const PRIORITIES = ['No priority', 'Urgent', 'High', 'Medium', 'Low'] as const;

const PEOPLE = ['Ada Okafor', 'Jörg Weiß', 'Marta Núñez'] as const;

const pick = <T>(list: readonly T[], number: number): T => list[number % list.length] as T;

const TEAM = { id: sampleId('linear team'), key: 'ENG', name: 'Engineering' };

export const STATES = {
  backlog: { id: sampleId('linear backlog'), color: '#bec2c8', name: 'Backlog', type: 'backlog' },
  started: { id: sampleId('linear started'), color: '#f2c94c', name: 'In Progress', type: 'started' },
} as const;

/** Who did it: the same person for the same number. */
export function samplePerson(number: number) {
  const name = pick(PEOPLE, number);
  return { id: sampleId(`linear person ${name}`), name };
}

/**
 * Composes an issue as Linear sends it: what it does not know is left out, not null.
 *
 * @param number which issue, from 1
 * @param now milliseconds since the epoch, which its id follows from
 */
export function composeIssue(number: number, now: number) {
  const { title, description, priority } = pick(ISSUES, number);
  const person = samplePerson(number);
  const label = {
    id: sampleId('linear label bug'),
    color: '#eb5757',
    name: 'Bug',
    parentId: sampleId('linear label group'),
  };
  const at = new Date(now).toISOString();
  return {
    id: sampleId(`linear issue ${number} ${now}`),
    createdAt: at,
    updatedAt: at,
    number: 100 + number,
    title,
    priority,
    ...(number % 2 === 0 ? { estimate: 3 } : {}),
    boardOrder: 0,
    sortOrder: -81.5 - number,
    labelIds: number % 2 === 0 ? [] : [label.id],
    teamId: TEAM.id,
    previousIdentifiers: [],
    creatorId: person.id,
    stateId: STATES.backlog.id,
    priorityLabel: pick(PRIORITIES, priority),
    subscriberIds: [person.id],
    identifier: `${TEAM.key}-${100 + number}`,
    url: issueUrl(number),
    state: STATES.backlog,
    team: TEAM,
    labels: number % 2 === 0 ? [] : [label],
    ...(description === undefined ? {} : { description }),
  };
}

/** Where the issue is shown. */
export function issueUrl(number: number): string {
  return `https://linear.app/acme/issue/${TEAM.key}-${100 + number}`;
}
