import type { DeadLetterFilter, DeadLetters, EditRequest } from '@sluice/queue';

export interface EditResult {
  /** Ids of those that were edited, or could be. */
  readonly edited: readonly string[];
  readonly refused: number;
  /** Why the first of those were. */
  readonly refusals: readonly { readonly id: string; readonly why: string }[];
}

/** Ids a round trip, and refusals that are told. */
const PAGE = 100;
const TOLD = 10;

/** Edits all dead letters that fit, one after the other. */
export class EditAll {
  readonly #request: EditRequest;
  readonly #edited: string[] = [];
  readonly #refusals: EditResult['refusals'][number][] = [];
  #refused = 0;

  constructor(request: EditRequest) {
    this.#request = request;
  }

  async run(
    deadLetters: DeadLetters,
    filter: DeadLetterFilter,
    onProgress: (done: number) => void,
  ): Promise<void> {
    let cursor: string | undefined;
    do {
      const page = await deadLetters.find(filter, { order: 'oldest', limit: PAGE, cursor });
      for (const { id } of page.letters) await this.#edit(deadLetters, id);
      onProgress(this.#edited.length + this.#refused);
      cursor = page.next;
    } while (cursor);
  }

  async #edit(deadLetters: DeadLetters, id: string): Promise<void> {
    const edited = await deadLetters.edit(id, this.#request);
    if (edited.ok) {
      this.#edited.push(id);
      return;
    }
    this.#refused++;
    const [issue] = edited.issues ?? [];
    const why = issue ? `${edited.why} (${issue.path}: ${issue.message})` : edited.why;
    if (this.#refusals.length < TOLD) this.#refusals.push({ id, why });
  }

  get result(): EditResult {
    return { edited: this.#edited, refused: this.#refused, refusals: this.#refusals };
  }
}
