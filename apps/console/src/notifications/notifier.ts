import type { NotificationSettings } from '@sluice/config';
import type { Logger } from '@sluice/observability';
import {
  type Alert,
  collectAlerts,
  readSystemState,
  type StateSources,
  trackIncrease,
} from './collect-alerts.ts';
import { type ActiveAlert, type Notification, postMessage, writeMessage } from './messages.ts';

export interface NotifierOptions {
  readonly settings: NotificationSettings;
  readonly sources: StateSources;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds between two checks; 30 s by default. */
  readonly interval?: number;
}

export interface Notifier {
  /** Checks for alerts and sends a notification if one is due. Never rejects. */
  check(): Promise<void>;
  close(): void;
}

const CHECK_INTERVAL_MS = 30_000;

/** Checks for alerts periodically and posts notifications. Without a URL it does nothing. */
export function startNotifier(options: NotifierOptions): Notifier {
  const { settings, sources, logger, now, interval = CHECK_INTERVAL_MS } = options;
  const { url, format } = settings;
  if (!url) return { check: async () => {}, close: () => {} };
  const tracker = createAlertTracker(now);
  const increaseOf = trackIncrease(now);
  const check = async () => {
    const state = await readSystemState(sources);
    const increase = state ? increaseOf(state.dead) : 0;
    const notification = tracker.update(collectAlerts({ state, increase, limits: settings, now: now() }));
    if (!notification) return;
    const error = await postMessage(url.reveal(), writeMessage(notification, format));
    if (error === undefined) tracker.markSent(notification);
    const { firing, lasting, resolved } = notification;
    const counts = { firing: firing.length, lasting: lasting.length, resolved: resolved.length };
    if (error === undefined) logger.info(counts, 'notification.sent');
    else logger.warn({ ...counts, error }, 'notification.failed');
  };
  let isChecking = false;
  const timer = setInterval(async () => {
    if (isChecking) return;
    isChecking = true;
    await check();
    isChecking = false;
  }, interval).unref();
  return { check, close: () => clearInterval(timer) };
}

/** A firing alert is sent again after this time. */
const REPEAT_MS = 3_600_000;

/** Minimum time between two notifications. Alerts in between are sent together. */
const MIN_INTERVAL_MS = 60_000;

/** Consecutive checks without an alert until it is resolved. */
const RESOLVED_AFTER = 2;

interface TrackedAlert extends ActiveAlert {
  readonly found: number;
  readonly missed: number;
  readonly sentAt?: number;
}

export interface AlertTracker {
  /** Takes the alerts of a check and returns the notification that is due, if any. */
  update(alerts: readonly Alert[]): Notification | undefined;
  /** Records that a notification was sent. Otherwise the next update returns it again. */
  markSent(notification: Notification): void;
}

/**
 * Decides when alerts are sent: when they begin, every hour while they last, and when they are resolved, in at most one
 * notification a minute.
 *
 * @param now milliseconds since the epoch
 */
export function createAlertTracker(now: () => number): AlertTracker {
  const tracked = new Map<string, TrackedAlert>();
  let lastSent = Number.NEGATIVE_INFINITY;
  return {
    update(alerts) {
      track(tracked, alerts, now());
      const notification = dueOf([...tracked.values()], now());
      const { firing, lasting, resolved } = notification;
      const isEmpty = firing.length + lasting.length + resolved.length === 0;
      return isEmpty || now() - lastSent < MIN_INTERVAL_MS ? undefined : notification;
    },
    markSent({ firing, lasting, resolved }) {
      lastSent = now();
      for (const { alert } of resolved) tracked.delete(alert.key);
      for (const { alert } of [...firing, ...lasting]) {
        const one = tracked.get(alert.key);
        if (one) tracked.set(alert.key, { ...one, sentAt: now() });
      }
    },
  };
}

function track(tracked: Map<string, TrackedAlert>, alerts: readonly Alert[], now: number): void {
  const found = new Map(alerts.map((alert) => [alert.key, alert]));
  for (const [key, one] of tracked) {
    if (found.has(key)) continue;
    // An alert that was never sent needs no resolution.
    if (one.sentAt === undefined) tracked.delete(key);
    else tracked.set(key, { ...one, missed: one.missed + 1 });
  }
  for (const [key, alert] of found) {
    const one = tracked.get(key) ?? { since: now, found: 0 };
    tracked.set(key, { ...one, alert, found: one.found + 1, missed: 0 });
  }
}

function dueOf(tracked: readonly TrackedAlert[], now: number): Notification {
  const present = tracked.filter(({ missed }) => missed === 0);
  return {
    firing: present.filter(
      ({ alert, found, sentAt }) => sentAt === undefined && found >= (alert.checks ?? 1),
    ),
    lasting: present.filter(({ sentAt }) => sentAt !== undefined && now - sentAt >= REPEAT_MS),
    resolved: tracked.filter(({ missed }) => missed >= RESOLVED_AFTER),
  };
}
