/**
 * Counts what is at work, so that a slow Redis or many slow senders fill a cap and not the memory.
 *
 * A webhook counts from when its body is there: 2,000 clients that send theirs a byte at a time take no
 * place from those who send it at once. The bytes of unfinished bodies count too, and there the largest
 * gives way: a few that stop short of their last byte would otherwise keep out everybody.
 */
export class InFlight {
  readonly #maxWebhooks: number;
  readonly #maxBytes: number;
  readonly #reading = new Set<Reader>();
  #webhooks = 0;
  #bytes = 0;

  constructor(maxWebhooks: number, maxBytes: number) {
    this.#maxWebhooks = maxWebhooks;
    this.#maxBytes = maxBytes;
  }

  /** Lets a webhook begin to send its body; undefined if as many as may be are at work already. */
  enter(): Place | undefined {
    if (this.#webhooks >= this.#maxWebhooks) return undefined;
    const reader: Reader = { bytes: 0, giveWay: () => {} };
    let working = false;
    this.#reading.add(reader);
    return {
      take: (count, giveWay) => {
        reader.giveWay = giveWay;
        while (this.#bytes + count > this.#maxBytes) {
          const largest = this.#largestReader();
          if (!largest || largest.bytes <= reader.bytes + count) return false;
          this.#release(largest);
          largest.giveWay();
        }
        this.#bytes += count;
        reader.bytes += count;
        return true;
      },
      work: () => {
        this.#reading.delete(reader);
        if (this.#webhooks >= this.#maxWebhooks) return false;
        this.#webhooks++;
        working = true;
        return true;
      },
      leave: () => {
        if (working) this.#webhooks--;
        this.#release(reader);
      },
    };
  }

  #largestReader(): Reader | undefined {
    let largest: Reader | undefined;
    for (const reader of this.#reading) if (reader.bytes > (largest?.bytes ?? 0)) largest = reader;
    return largest;
  }

  #release(reader: Reader): void {
    this.#reading.delete(reader);
    this.#bytes -= reader.bytes;
    reader.bytes = 0;
  }
}

/** What there was no more of: places for webhooks, or room for their bytes. */
export type NoRoom = 'in_flight' | 'in_flight_bytes';

/** A body that still comes in. */
interface Reader {
  bytes: number;
  giveWay: () => void;
}

export interface Place {
  /**
   * Takes room for so many more bytes of body; false if there is none.
   *
   * @param giveWay called when these bytes are needed for smaller bodies: they are no longer counted then, so
   * let go of them and take no more
   */
  take(bytes: number, giveWay: () => void): boolean;
  /** Takes a place among those at work, once the body is there; false if there is none. */
  work(): boolean;
  /** Gives place and bytes back. Call it once. */
  leave(): void;
}
