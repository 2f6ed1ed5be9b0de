/** An error an AWS service answers with; each service's wire format turns it into its own shape. */
export class AwsError extends Error {
  override readonly name: string;
  readonly status: number;
  /** Members beside the message, such as `Reason` of a throttle. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(type: string, message: string, status = 400, details: Record<string, unknown> = {}) {
    super(message);
    this.name = type;
    this.status = status;
    this.details = details;
  }
}

/** Something on this machine is missing or taken: a port, a permission, a file. Not a defect of the template. */
export class LocalAwsUnavailable extends Error {
  override readonly name = "LocalAwsUnavailable";
  /** The system's code, such as EADDRINUSE or EACCES. */
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** The template asks for something invalid, unresolved, or not emulated. `path` is where in the template. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
  readonly path: string;

  constructor(path: string, message: string) {
    super(`${path}: ${message}`);
    this.path = path;
  }
}
