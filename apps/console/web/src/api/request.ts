interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/**
 * Sends a request to the API of the console and returns the JSON of the response.
 *
 * @param path below /api, e.g. `/dead-letters?limit=50`
 * @throws ApiProblem when the response is an error or missing
 */
export async function request<Body>(
  path: string,
  { method = 'GET', body, signal }: RequestOptions = {},
): Promise<Body> {
  const response = await fetch(`/api${path}`, {
    method,
    credentials: 'same-origin',
    ...(signal ? { signal } : {}),
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new ApiProblem({ title: 'The console does not respond. Check that it is running.', status: 0 });
  });
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as Body;
  throw new ApiProblem(await readProblem(response));
}

async function readProblem(response: Response): Promise<ProblemBody> {
  const fallback = {
    title: `The console responded with status ${response.status}.`,
    status: response.status,
  };
  const body: unknown = await response.json().catch(() => undefined);
  return typeof body === 'object' && body !== null ? { ...fallback, ...body } : fallback;
}

type QueryValue = string | number | boolean | undefined | readonly string[];

/** Builds a query string. A list repeats its parameter; `undefined` and '' are omitted. */
export function toQueryString(values: Readonly<Record<string, QueryValue>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== undefined && item !== '') query.append(name, String(item));
    }
  }
  const text = query.toString();
  return text ? `?${text}` : '';
}

interface Issue {
  readonly path: string;
  readonly message: string;
}

/** A problem document (RFC 9457). */
export interface ProblemBody {
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly issues?: readonly Issue[];
}

/** A request that the console rejected or did not answer. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  /** HTTP status; 0 without a response. */
  readonly status: number;
  readonly issues: readonly Issue[];

  constructor({ title, status, detail, issues = [] }: ProblemBody) {
    // The title is generic, the detail says what happened and what to do.
    super(detail || title);
    this.status = status;
    this.issues = issues;
  }
}
