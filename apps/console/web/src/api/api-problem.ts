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
