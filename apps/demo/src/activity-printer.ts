import type { LogLine, RunningApp } from '@sluice/testing';

/** Lines per second that a person can read. The rest are only counted. */
const MAX_LINES_PER_SECOND = 12;

/** Prints the activity of the pipeline from the logs of its apps: webhooks, delivery attempts, warnings, errors. */
export class ActivityPrinter {
  readonly #print: (line: string) => void;
  readonly #now: () => number;
  #second = 0;
  #printed = 0;
  #skipped = 0;

  /** @param now returns the time in milliseconds since the epoch */
  constructor(print: (line: string) => void, now: () => number) {
    this.#print = print;
    this.#now = now;
  }

  /** Prints what the app logs from now on. */
  follow(app: RunningApp): void {
    app.lines.listen((line) => {
      for (const text of describeLine(app.name, line)) this.#printLimited(text);
    });
  }

  #printLimited(text: string): void {
    const second = Math.floor(this.#now() / 1000);
    if (second !== this.#second) {
      if (this.#skipped > 0) this.#print(format('…', `${this.#skipped} more lines`));
      this.#second = second;
      this.#printed = 0;
      this.#skipped = 0;
    }
    if (++this.#printed > MAX_LINES_PER_SECOND) this.#skipped++;
    else this.#print(text);
  }
}

function describeLine(app: string, line: LogLine): string[] {
  if (line.msg === 'webhook.ingested') return [describeWebhook(line)];
  if (line.msg === 'delivery.attempted') return describeAttempt(line);
  if (line.level === 'info' || line.level === 'debug') return [];
  return [format(app, `${line.msg}${line.error ? `: ${line.error}` : ''}`)];
}

const format = (label: unknown, text: string) => `  ${String(label).padEnd(12)}${text}`;

function describeWebhook({ result, connection, deliveries, ms, why, detail }: LogLine): string {
  const ids = Array.isArray(deliveries) ? `${deliveries.slice(0, 3).join(', ')} ` : '';
  const reason = why ?? detail;
  return format(
    result,
    `${ids}from ${connection ?? 'an unknown connection'} in ${ms} ms${reason ? `: ${reason}` : ''}`,
  );
}

function describeAttempt(line: LogLine): string[] {
  const { topic, event, outcome, delivery, reason } = line;
  switch (outcome) {
    case 'delivered':
      return [
        format('mapped', `${topic} → ${event}`),
        format('created', `${line.eventId} for ${delivery}, lag ${line.lagMs} ms`),
      ];
    case 'retry':
      return [format('retry', `${delivery} in ${Math.round(Number(line.after) / 100) / 10} s: ${reason}`)];
    default:
      return [format(outcome, `${delivery}${reason ? `: ${reason}` : ''}`)];
  }
}
