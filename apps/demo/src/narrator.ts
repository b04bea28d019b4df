import type { LogLine, RunningApp } from '@sluice/testing';

/** Lines a second that a person can follow; of the rest only the number is told. */
const LINES_A_SECOND = 12;

/** Tells what happens in the pipeline, a line a webhook and a line an attempt, as it happens. */
export class Narrator {
  readonly #print: (line: string) => void;
  readonly #now: () => number;
  #second = 0;
  #told = 0;
  #untold = 0;

  constructor(print: (line: string) => void, now: () => number) {
    this.#print = print;
    this.#now = now;
  }

  /** Tells what this app logs from now on. */
  follow(app: RunningApp): void {
    app.lines.listen((line) => {
      for (const story of tell(app.name, line)) this.#tell(story);
    });
  }

  #tell(story: string): void {
    const second = Math.floor(this.#now() / 1000);
    if (second !== this.#second) {
      if (this.#untold > 0) this.#print(write('…', `and ${this.#untold} lines more`));
      this.#second = second;
      this.#told = 0;
      this.#untold = 0;
    }
    if (++this.#told > LINES_A_SECOND) this.#untold++;
    else this.#print(story);
  }
}

/** The way of a delivery in the pipeline's own words: accepted, mapped, created. */
function tell(app: string, line: LogLine): string[] {
  if (line.msg === 'webhook.ingested') return [tellWebhook(line)];
  if (line.msg === 'delivery.attempted') return tellAttempt(line);
  if (line.level === 'info' || line.level === 'debug') return [];
  return [write(app, `${line.msg}${line.error ? `: ${line.error}` : ''}`)];
}

const write = (word: unknown, rest: string) => `  ${String(word).padEnd(12)}${rest}`;

function tellWebhook({ result, connection, deliveries, ms, why, detail }: LogLine): string {
  const what = Array.isArray(deliveries) ? `${deliveries.slice(0, 3).join(', ')} ` : '';
  const reason = why ?? detail;
  return write(
    result,
    `${what}from ${connection ?? 'nobody known'} in ${ms} ms${reason ? `: ${reason}` : ''}`,
  );
}

function tellAttempt(line: LogLine): string[] {
  const { topic, event, outcome, delivery, reason } = line;
  const mapped = write('mapped', `${topic} → ${event}`);
  switch (outcome) {
    case 'delivered':
      return [
        mapped,
        write('created', `${line.eventId} for ${delivery}, ${line.lagMs} ms after it happened`),
      ];
    case 'retry':
      return [write('retry', `${delivery} in ${Math.round(Number(line.after) / 100) / 10} s: ${reason}`)];
    default:
      return [write(outcome, `${delivery}${reason ? `: ${reason}` : ''}`)];
  }
}
