import type { NotificationSettings } from '@sluice/config';
import type { Logger } from '@sluice/observability';
import { createDeathCount } from './death-count.ts';
import { findAlerts } from './find-alerts.ts';
import { openNewsDesk } from './news-desk.ts';
import { postMessage } from './post-message.ts';
import { readSituation, type SituationSources } from './read-situation.ts';
import { writeMessage } from './write-message.ts';

export interface NotificationsOptions {
  readonly settings: NotificationSettings;
  readonly sources: SituationSources;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds between two looks; 30 s by default. */
  readonly every?: number;
}

export interface Notifications {
  /** Looks now, and tells what is to be told. Never rejects. */
  look(): Promise<void>;
  close(): void;
}

const EVERY = 30_000;

/** Looks again and again for what somebody should know of, and posts it. Without an address it does nothing. */
export function startNotifications(options: NotificationsOptions): Notifications {
  const { settings, sources, logger, now, every = EVERY } = options;
  const { url, format } = settings;
  if (!url) return { look: async () => {}, close: () => {} };
  const desk = openNewsDesk(now);
  const rising = createDeathCount(now);
  const look = async () => {
    const situation = await readSituation(sources);
    const risen = situation ? rising(situation.dead) : 0;
    const news = desk.look(findAlerts({ situation, risen, limits: settings, now: now() }));
    if (!news) return;
    const failure = await postMessage(url.reveal(), writeMessage(news, format));
    if (failure === undefined) desk.told(news);
    const { begun, lasting, over } = news;
    const counts = { begun: begun.length, lasting: lasting.length, over: over.length };
    if (failure === undefined) logger.info(counts, 'notification.sent');
    else logger.warn({ ...counts, error: failure }, 'notification.failed');
  };
  let isLooking = false;
  const timer = setInterval(async () => {
    if (isLooking) return;
    isLooking = true;
    await look();
    isLooking = false;
  }, every).unref();
  return { look, close: () => clearInterval(timer) };
}
