import type { Alert, News, Told } from './alert.ts';

/** Milliseconds after which an alert that lasts is told again. */
const AGAIN = 3_600_000;

/** Milliseconds between two messages, at least; what comes meanwhile is told together. */
const APART = 60_000;

/** Looks in a row that must not find an alert any more before it is over. */
const OVER_AFTER = 2;

interface Followed extends Told {
  readonly found: number;
  readonly missed: number;
  readonly toldAt?: number;
}

export interface NewsDesk {
  /** Takes what a look has found; returns what is to be told now, if anything is. */
  look(alerts: readonly Alert[]): News | undefined;
  /** It was told. Without this the next look returns it again. */
  told(news: News): void;
}

/**
 * Decides what is told when: an alert once, again after an hour while it lasts, and that it is over; never more than a
 * message a minute, however many alerts there are.
 *
 * @param now milliseconds since the epoch
 */
export function openNewsDesk(now: () => number): NewsDesk {
  const followed = new Map<string, Followed>();
  let lastTold = Number.NEGATIVE_INFINITY;
  return {
    look(alerts) {
      follow(followed, alerts, now());
      const news = sort([...followed.values()], now());
      const isNothing = news.begun.length + news.lasting.length + news.over.length === 0;
      return isNothing || now() - lastTold < APART ? undefined : news;
    },
    told({ begun, lasting, over }) {
      lastTold = now();
      for (const { alert } of over) followed.delete(alert.key);
      for (const { alert } of [...begun, ...lasting]) {
        const one = followed.get(alert.key);
        if (one) followed.set(alert.key, { ...one, toldAt: now() });
      }
    },
  };
}

function follow(followed: Map<string, Followed>, alerts: readonly Alert[], now: number): void {
  const found = new Map(alerts.map((alert) => [alert.key, alert]));
  for (const [key, one] of followed) {
    if (found.has(key)) continue;
    // Of what was never told nobody needs to hear that it is over.
    if (one.toldAt === undefined) followed.delete(key);
    else followed.set(key, { ...one, missed: one.missed + 1 });
  }
  for (const [key, alert] of found) {
    const one = followed.get(key) ?? { since: now, found: 0 };
    followed.set(key, { ...one, alert, found: one.found + 1, missed: 0 });
  }
}

function sort(followed: readonly Followed[], now: number): News {
  const present = followed.filter(({ missed }) => missed === 0);
  return {
    begun: present.filter(({ alert, found, toldAt }) => toldAt === undefined && found >= (alert.looks ?? 1)),
    lasting: present.filter(({ toldAt }) => toldAt !== undefined && now - toldAt >= AGAIN),
    over: followed.filter(({ missed }) => missed >= OVER_AFTER),
  };
}
