export * from "./accounts.ts";
export { closestWords, editDistance } from "./closest.ts";
export * from "./clusters.ts";
export * from "./compare.ts";
export * from "./earnings.ts";
export { ANONYMOUS_PER_MINUTE, type Endpoint } from "./endpoints/endpoint.ts";
export * from "./endpoints/endpoints.ts";
export { openApiDocument } from "./endpoints/openapi.ts";
export { LONGEST_CURSOR } from "./endpoints/page.ts";
export { errorText } from "./error-text.ts";
export * from "./gpu-models.ts";
export * from "./ids.ts";
export { invalidRequest } from "./invalid-request.ts";
export * from "./listings.ts";
export * from "./market.ts";
export * from "./micro-usd.ts";
export * from "./money.ts";
export * from "./network.ts";
export * from "./nodes.ts";
export * from "./problems.ts";
export * from "./query/answer.ts";
export { contradictoryBounds } from "./query/bounds.ts";
export * from "./query/fields.ts";
export * from "./query/format.ts";
export * from "./query/orders.ts";
export { otherWords } from "./query/others-words.ts";
export { parseQuery, type ReadQuery, readQuery, readQueryText } from "./query/parse.ts";
export * from "./query/query.ts";
export { type Unit, versionUnit } from "./query/units.ts";
export {
  caretLines,
  type Unreadable,
  unknownModelProblem,
  unreadableProblem,
} from "./query/unreadable.ts";
export { gpuModelsMeant } from "./query/words.ts";
export * from "./reading.ts";
export * from "./regions.ts";
export * from "./requests.ts";
export * from "./sol-price.ts";
export * from "./statement.ts";
export { SUBMISSION_ID_ALLOWED, unusableSubmissionId } from "./submission-id.ts";
export * from "./sync.ts";
export * from "./terms.ts";
export { RAY_DASHBOARD } from "./tunnel.ts";
export { unknownGpuModel } from "./unknown-gpu-model.ts";
export * from "./window-text.ts";
export * from "./wire.ts";
