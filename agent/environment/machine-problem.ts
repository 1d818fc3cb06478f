/** What can stand in the way on a supplier's machine. The code is stable; `next` is what its owner can do. */
export type MachineProblemCode =
  | "python-missing"
  | "python-too-old"
  | "venv-missing"
  | "disk-full"
  | "cache-unwritable"
  | "install-failed"
  | "cancelled"
  | "namespace-unavailable"
  | "address-taken"
  | "port-taken"
  | "ray-start-failed"
  | "ray-join-timeout"
  | "ray-unreachable"
  | "gpus-invalid";

export type ProblemContext = { field: string; given: string; allowed: string; next: string };

/** An error of this machine, not of the network: names the field, what was found, what is allowed and what to do next. */
export class MachineProblem extends Error {
  override readonly name = "MachineProblem";
  readonly code: MachineProblemCode;
  readonly context: ProblemContext;

  constructor(code: MachineProblemCode, context: ProblemContext, options?: ErrorOptions) {
    super(`${context.field}: ${context.given}; needed: ${context.allowed}. ${context.next}`, options);
    this.code = code;
    this.context = context;
  }
}

/** Makes the error of one code. */
export function machineProblem(
  code: MachineProblemCode,
  context: ProblemContext,
  options?: ErrorOptions,
): MachineProblem {
  return new MachineProblem(code, context, options);
}
