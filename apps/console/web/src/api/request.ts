interface Asking {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/**
 * Asks the console's API.
 *
 * @param path below /api, e.g. `/dead-letters?limit=50`
 * @throws ApiProblem for any answer but a good one, and for none
 */
export async function ask<Answer>(
  path: string,
  { method = 'GET', body, signal }: Asking = {},
): Promise<Answer> {
  const answer = await fetch(`/api${path}`, {
    method,
    credentials: 'same-origin',
    ...(signal ? { signal } : {}),
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new ApiProblem({ title: 'The console does not answer', status: 0, detail: 'is it running?' });
  });
  if (answer.ok) return (answer.status === 204 ? undefined : await answer.json()) as Answer;
  throw new ApiProblem(await readProblem(answer));
}

async function readProblem(answer: Response): Promise<ProblemBody> {
  const fallback = { title: `The console answered ${answer.status}`, status: answer.status };
  const body: unknown = await answer.json().catch(() => undefined);
  return typeof body === 'object' && body !== null ? { ...fallback, ...body } : fallback;
}

type Value = string | number | boolean | undefined | readonly string[];

/** Makes a query of what is given; of a list each, of undefined and '' nothing. */
export function queryOf(values: Readonly<Record<string, Value>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== '') query.append(name, String(one));
    }
  }
  const text = query.toString();
  return text ? `?${text}` : '';
}

/** What is wrong with one place of a request. */
interface Issue {
  readonly path: string;
  readonly message: string;
}

/** How the console answers what it does not do (RFC 9457), and what the page makes of no answer at all. */
export interface ProblemBody {
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly issues?: readonly Issue[];
}

export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  /** 0: there was no answer. */
  readonly status: number;
  readonly issues: readonly Issue[];

  constructor({ title, status, detail, issues = [] }: ProblemBody) {
    super(detail ? `${title}: ${detail}` : title);
    this.status = status;
    this.issues = issues;
  }
}
