/** An answer that is not a success, thrown by whoever finds out and turned into HTTP in one place. */
export class WireError extends Error {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;

  constructor(status: number, message: string, more: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.status = status;
    this.body = {
      message,
      documentation_url: "https://docs.github.com/rest",
      status: String(status),
      ...more,
    };
  }
}

export function notFound(): WireError {
  return new WireError(404, "Not Found");
}

/** 422 as GitHub words it: which field of which resource, and which code. */
export function invalid(
  resource: string,
  field: string,
  code: string,
  message?: string,
): WireError {
  return new WireError(422, "Validation Failed", {
    errors: [{ resource, field, code, ...(message === undefined ? {} : { message }) }],
  });
}
