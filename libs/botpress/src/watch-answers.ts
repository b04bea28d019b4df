import type { Client } from '@botpress/client';

/** What is used of axios' instance. */
interface Watchable {
  readonly interceptors?: {
    readonly response?: { readonly use?: (onAnswer: (response: Answer) => Answer) => unknown };
  };
}

interface Answer {
  readonly headers: unknown;
}

/**
 * Tells the headers of every answer that is a success: the client hands on the body only.
 *
 * Its axios instance is private to TypeScript, but reached by brackets, so that a version without it does not
 * compile. The public `retry.validateResponse` would show the same; but it makes an error of every success and
 * takes it back (8 % of a call's CPU, measured), and if it ever is not taken back, every event that was created
 * counts as ambiguous. Watching can only fail to see: then nothing is told.
 *
 * @param tell is called in the async context of the call
 */
export function watchAnswers(client: Client, tell: (headers: unknown) => void): void {
  // biome-ignore lint/complexity/useLiteralKeys: brackets alone reach what is private.
  const axios: Watchable | undefined = client['axiosInstance'];
  axios?.interceptors?.response?.use?.((response) => {
    tell(response.headers);
    return response;
  });
}
