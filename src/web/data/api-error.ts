/** What the server refused, or that it could not be reached. Thrown, because the query library works with exceptions. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  readonly code: string;
  readonly next: string | undefined;

  constructor(problem: {
    readonly status: number;
    readonly code: string;
    readonly message: string;
    readonly next: string | undefined;
  }) {
    super(problem.message);
    this.status = problem.status;
    this.code = problem.code;
    this.next = problem.next;
  }
}

export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}
