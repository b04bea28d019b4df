import type { Answer } from './answer.ts';
import type { Clock } from './clock.ts';
import type { Exchange } from './exchange.ts';
import type { FaultTarget } from './fault.ts';
import { faultAnswer } from './fault-answer.ts';
import type { FaultPlan } from './faults.ts';
import type { Sandbox } from './sandbox.ts';

type Rooms = Pick<Sandbox, 'clock' | 'faults' | 'newId'>;
type Struck = NonNullable<FaultPlan['disruption']>;

/**
 * Runs one call under whatever fault strikes it: delay, disrupt before, perform, delay, disrupt after, answer.
 *
 * @param perform does the call's work, commit included, and returns its right answer; it is done even if
 *   the caller has gone meanwhile, as by any server that has read the whole request
 */
export function runWithFaults(
  rooms: Rooms,
  target: FaultTarget,
  exchange: Exchange,
  perform: () => Answer,
): void {
  const { delayBefore, delayAfter, disruption } = rooms.faults.plan(target);
  if (disruption) exchange.struckBy(disruption.faultId);
  after(rooms.clock, delayBefore, () => {
    if (disruption && disruptBefore(rooms, disruption, exchange)) return;
    const answer = perform();
    after(rooms.clock, delayAfter, () => {
      if (disruption) disruptAfter(disruption, exchange, answer);
      else exchange.answer(answer);
    });
  });
}

function after(clock: Clock, ms: number, task: () => void): void {
  if (ms === 0) task();
  else clock.schedule(ms, task);
}

/** Returns whether the call ends here, uncommitted. */
function disruptBefore({ clock, newId }: Rooms, { fault }: Struck, exchange: Exchange): boolean {
  switch (fault.kind) {
    case 'rate-limited':
    case 'error':
    case 'status':
    case 'html':
      exchange.answer(faultAnswer(fault, newId('err'), clock.now()));
      return true;
    case 'reset':
      if (fault.when === 'before') exchange.reset();
      return fault.when === 'before';
    case 'hang':
      if (fault.when === 'before') exchange.hang();
      return fault.when === 'before';
    case 'hold':
      return false;
  }
}

function disruptAfter({ fault, held }: Struck, exchange: Exchange, answer: Answer): void {
  switch (fault.kind) {
    case 'reset':
      exchange.reset();
      break;
    case 'hang':
      exchange.hang();
      break;
    case 'hold':
      exchange.hold(answer, held);
      break;
    case 'rate-limited':
    case 'error':
    case 'status':
    case 'html':
      // Not reached: these ended the call before the commit.
      exchange.answer(answer);
  }
}
