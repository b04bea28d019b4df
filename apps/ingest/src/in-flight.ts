/** The limit that a webhook exceeded: the number of webhooks in flight, or the bytes of their bodies. */
export type InFlightLimit = 'in_flight' | 'in_flight_bytes';

/** The share of one webhook in the limits. */
export interface InFlightSlot {
  /**
   * Reserves bytes of the body; false if the limit is exceeded.
   *
   * @param onEvict called when smaller bodies need these bytes. They are no longer counted then, so release them and
   * stop reading.
   */
  reserve(bytes: number, onEvict: () => void): boolean;
  /** Counts the webhook as in flight, once its body is complete; false if the limit is reached. */
  begin(): boolean;
  /** Releases everything. Call it once. */
  release(): void;
}

/** A body that is still being received. */
interface Upload {
  bytes: number;
  onEvict: () => void;
}

/**
 * Limits the webhooks in flight and the bytes of their bodies, so that a slow Redis or many slow senders exhaust a
 * limit and not the memory.
 *
 * A webhook counts once its body is complete: 2,000 clients that send one byte at a time do not block the others. The
 * bytes of incomplete bodies count too. When they run out, the largest incomplete body is evicted: otherwise a few
 * senders that stop before their last byte would block everyone.
 */
export class InFlight {
  readonly #maxWebhooks: number;
  readonly #maxBytes: number;
  readonly #uploads = new Set<Upload>();
  #webhooks = 0;
  #bytes = 0;

  constructor(maxWebhooks: number, maxBytes: number) {
    this.#maxWebhooks = maxWebhooks;
    this.#maxBytes = maxBytes;
  }

  /** Admits a webhook whose body is about to be received; undefined if the limit of webhooks is reached. */
  admit(): InFlightSlot | undefined {
    if (this.#webhooks >= this.#maxWebhooks) return undefined;
    const upload: Upload = { bytes: 0, onEvict: () => {} };
    let counted = false;
    this.#uploads.add(upload);
    return {
      reserve: (bytes, onEvict) => {
        upload.onEvict = onEvict;
        while (this.#bytes + bytes > this.#maxBytes) {
          const largest = this.#largestUpload();
          if (!largest || largest.bytes <= upload.bytes + bytes) return false;
          this.#release(largest);
          largest.onEvict();
        }
        this.#bytes += bytes;
        upload.bytes += bytes;
        return true;
      },
      begin: () => {
        this.#uploads.delete(upload);
        if (this.#webhooks >= this.#maxWebhooks) return false;
        this.#webhooks++;
        counted = true;
        return true;
      },
      release: () => {
        if (counted) this.#webhooks--;
        this.#release(upload);
      },
    };
  }

  #largestUpload(): Upload | undefined {
    let largest: Upload | undefined;
    for (const upload of this.#uploads) if (upload.bytes > (largest?.bytes ?? 0)) largest = upload;
    return largest;
  }

  #release(upload: Upload): void {
    this.#uploads.delete(upload);
    this.#bytes -= upload.bytes;
    upload.bytes = 0;
  }
}
