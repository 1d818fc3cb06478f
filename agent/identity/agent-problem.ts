/** What can stand between a supplier and a running agent. The code is stable; `next` is what its owner can do. */
export type AgentProblemCode =
  | "option-invalid"
  | "not-enrolled"
  | "already-enrolled"
  | "agent-already-running"
  | "state-folder-unusable"
  | "control-plane-unreachable"
  | "control-plane-refused";

export type AgentProblemContext = { field: string; given: string; allowed: string; next: string };

/** An error of the agent itself: names the field, what was given, what is allowed and what to do next. */
export class AgentProblem extends Error {
  override readonly name = "AgentProblem";
  readonly code: AgentProblemCode;
  readonly context: AgentProblemContext;

  constructor(code: AgentProblemCode, context: AgentProblemContext, options?: ErrorOptions) {
    super(`${context.field}: ${context.given}; allowed: ${context.allowed}. ${context.next}`, options);
    this.code = code;
    this.context = context;
  }
}

/** Makes the error of one code. */
export const agentProblem = (
  code: AgentProblemCode,
  context: AgentProblemContext,
  options?: ErrorOptions,
): AgentProblem => new AgentProblem(code, context, options);
