/** Counts what is at work, so that a slow Redis or many slow senders fill a cap and not the memory. */
export class InFlight {
  readonly #maxWebhooks: number;
  readonly #maxBytes: number;
  #webhooks = 0;
  #bytes = 0;

  constructor(maxWebhooks: number, maxBytes: number) {
    this.#maxWebhooks = maxWebhooks;
    this.#maxBytes = maxBytes;
  }

  /** Takes a place for one webhook; undefined if there is none. */
  enter(): Place | undefined {
    if (this.#webhooks >= this.#maxWebhooks) return undefined;
    this.#webhooks++;
    let bytes = 0;
    return {
      take: (count) => {
        if (this.#bytes + count > this.#maxBytes) return false;
        this.#bytes += count;
        bytes += count;
        return true;
      },
      leave: () => {
        this.#webhooks--;
        this.#bytes -= bytes;
      },
    };
  }
}

export interface Place {
  /** Takes room for so many more bytes of body; false if there is none. */
  take(bytes: number): boolean;
  /** Gives place and bytes back. Call it once. */
  leave(): void;
}
