import type { ServerResponse } from 'node:http';
import { type Answer, sendAnswer } from './answer.ts';
import type { Call } from './call-log.ts';
import type { HeldAnswers } from './faults.ts';

/** The ways in which a call can end, or be left. */
export interface Exchange {
  answer(answer: Answer): void;
  /** A real TCP RST: a mere FIN would look to the caller like an orderly end. */
  reset(): void;
  /** Leaves the caller waiting, for ever or until it gives up. */
  hang(): void;
  /** Puts the answer aside until `held` is released. */
  hold(answer: Answer, held: HeldAnswers): void;
  /** Notes which fault strikes. */
  struckBy(faultId: string): void;
}

/** Opens the exchange of one call; `call` is kept up to date, where the call is one that is logged. */
export function openExchange(response: ServerResponse, call?: Call): Exchange {
  function note(outcome: Call['outcome'], status: number | null): void {
    if (!call) return;
    call.outcome = outcome;
    call.status = status;
  }
  function answer(reply: Answer): void {
    note('answered', reply.status);
    sendAnswer(response, reply);
  }
  return {
    answer,
    reset() {
      note('reset', null);
      response.socket?.resetAndDestroy();
    },
    hang: () => note('hung', null),
    hold(reply, held) {
      note('held', null);
      const send = () => answer(reply);
      held.add(send);
      response.once('close', () => held.delete(send));
    },
    struckBy(faultId) {
      if (call) call.faultId = faultId;
    },
  };
}
