/** The OpenAPI document as far as the page reads it. */
type DocumentNode = Record<string, unknown>;
const object = (value: unknown): DocumentNode =>
  typeof value === "object" && value !== null ? { ...value } : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

export const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
@media(prefers-color-scheme:dark){body{background:#161616;color:#ddd}a{color:#8bf}}
h2{font-size:1.05rem;margin:2rem 0 .2rem}code,pre{font:.85rem/1.45 ui-monospace,monospace}
pre{overflow:auto;white-space:pre-wrap}table{border-collapse:collapse}td{padding:.15rem .8rem .15rem 0;vertical-align:top}`;

/** A readable page of the OpenAPI document, whole in itself: it loads nothing and runs nothing. */
export function documentPage(document: DocumentNode): string {
  const info = object(document.info);
  const calls = Object.entries(object(document.paths)).flatMap(([path, methods]) =>
    Object.entries(object(methods)).map(([method, call]) => ({ path, method, call: object(call) })),
  );
  const contents = calls.map(({ path, method, call }) => {
    const name = escaped(call.operationId);
    return `<li><a href="#${name}"><code>${method.toUpperCase()} ${escaped(path)}</code></a> ${escaped(call.summary)}</li>`;
  });
  const sections = calls.map(({ path, method, call }) => section(path, method, call));
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>${escaped(info.title)}: calls</title>
<style>${STYLE}</style></head><body><h1>${escaped(info.title)}</h1>
<p>The same for programs: <a href="/openapi.json">/openapi.json</a></p>
<ul>${contents.join("")}</ul>${sections.join("")}
<h2>Words and refusals</h2><pre>${escaped(info.description)}</pre></body></html>
`;
}

function section(path: string, method: string, call: DocumentNode): string {
  const parameters = list(call.parameters).map(object).map(parameterRow);
  const body = object(object(object(object(call.requestBody).content)["application/json"]).schema);
  const answers = Object.entries(object(call.responses)).flatMap(([status, answer]) => {
    const { schema } = object(object(object(answer).content)["application/json"]);
    return schema === undefined ? [] : [folded(`answer ${status}`, schema)];
  });
  const who = list(call.security).map((one) => Object.entries(object(one)).flat(2).join(" "));
  return `<h2 id="${escaped(call.operationId)}"><code>${method.toUpperCase()} ${escaped(path)}</code></h2>
<p>${escaped(call.summary)}. <small>${escaped(who.join(", ") || "anybody")}</small></p>
${parameters.length === 0 ? "" : `<table>${parameters.join("")}</table>`}
${Object.keys(body).length === 0 ? "" : folded("body", body)}${answers.join("")}`;
}

function parameterRow(parameter: DocumentNode): string {
  const schema = object(parameter.schema);
  const said = schema.description ?? parameter.description ?? "";
  const need = parameter.required === true ? "required" : "";
  const cells = [parameter.name, parameter.in, schema.type ?? "", need, said];
  return `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join("")}</tr>`;
}

const folded = (title: string, schema: unknown): string =>
  `<details><summary>${escaped(title)}</summary><pre>${escaped(JSON.stringify(schema, null, 2))}</pre></details>`;

const escaped = (value: unknown): string =>
  String(value ?? "").replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
