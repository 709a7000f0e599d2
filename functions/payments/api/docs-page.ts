import { html } from 'hono/html';
import type { Json, OpenApi, Operation } from './openapi.ts';
import { PROBLEMS } from './problem.ts';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
code,pre{font-family:ui-monospace,monospace;font-size:.9em;background:#f2f4f6;padding:.1em .3em;border-radius:3px;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid #d8dde3}
h2{margin-top:2.5rem}h3{margin-top:2rem}@media(prefers-color-scheme:dark){body{color:#e3e6ea;background:#15181c}code,pre{background:#262b31}a{color:#8ab8ff}td,th{border-color:#3a4149}}`;

/** The document, to be read by people: one page without scripts or anything from elsewhere. */
export function docsPage(document: OpenApi) {
  const { info, paths, components, servers } = document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${info.title} API</title><style>${STYLE}</style></head><body>
<h1>${info.title} API</h1>
${info.description.split('\n\n').map((paragraph) => html`<p>${marked(paragraph)}</p>`)}
<p>It is at <code>${servers[0]?.url ?? ''}</code>; send <code>Authorization: Bearer itk_...</code>. For programs: <a href="openapi.json">openapi.json</a>.</p>
<h2>Operations</h2>
<ul>${operations.map(({ path, method, operation }) => html`<li><a href="#${operation.operationId}">${operation.summary}</a> <code>${method} ${path}</code></li>`)}</ul>
${operations.map(({ path, method, operation }) => operationPart({ path, method, operation }))}
<h2>Objects</h2>
${Object.entries(components.schemas).map(([name, schema]) => html`<h3 id="${name}">${name}</h3>${fields(schema)}`)}
<h2>Problems</h2>
<p>Errors are <code>application/problem+json</code> (RFC 9457). Branch on <code>code</code>.</p>
<table><tr><th>code</th><th>status</th><th></th></tr>
${Object.entries(PROBLEMS).map(([code, { status, title }]) => html`<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${title}</td></tr>`)}
</table></body></html>`;
}

function operationPart({ path, method, operation }: { path: string; method: string; operation: Operation }) {
  const { operationId, summary, description, parameters, requestBody, responses } = operation;
  return html`<h3 id="${operationId}">${summary}</h3>
<p><code>${method} ${path}</code></p><p>${marked(description)}</p>
${
  parameters.length > 0
    ? html`<table><tr><th>parameter</th><th>in</th><th></th></tr>${parameters.map(
        (each) =>
          html`<tr><td><code>${each.name}</code></td><td>${each.in}</td><td>${each.required ? 'required. ' : ''}${each.description ?? ''}</td></tr>`,
      )}</table>`
    : ''
}
${requestBody ? html`<p>Body: ${typeOf(contentSchema(requestBody.content))}</p>` : ''}
<table><tr><th>status</th><th>when</th><th>body</th></tr>${Object.entries(responses).map(
    ([status, { description: when, content }]) =>
      html`<tr><td>${status}</td><td>${marked(when)}</td><td>${typeOf(contentSchema(content))}</td></tr>`,
  )}</table>`;
}

function fields(schema: Json) {
  const properties = isJson(schema.properties) ? Object.entries(schema.properties) : [];
  const required = Array.isArray(schema.required) ? schema.required : [];
  if (properties.length === 0) return html`<p>${typeOf(schema)}</p>`;
  return html`<table><tr><th>field</th><th>is</th><th></th></tr>${properties.map(([name, of]) =>
    isJson(of)
      ? html`<tr><td><code>${name}</code></td><td>${typeOf(of)}${required.includes(name) ? '' : ', optional'}</td><td>${marked(String(of.description ?? ''))}</td></tr>`
      : '',
  )}</table>`;
}

/** What a schema takes, in a few words. */
function typeOf(schema: Json): unknown {
  const name = /#\/components\/schemas\/(.+)$/.exec(String(schema.$ref ?? ''))?.[1];
  if (name !== undefined) return html`<a href="#${name}">${name}</a>`;
  if (Array.isArray(schema.enum)) return schema.enum.map((each) => JSON.stringify(each)).join(' or ');
  if ('const' in schema) return JSON.stringify(schema.const);
  const union = [schema.anyOf, schema.oneOf].find((each) => Array.isArray(each));
  if (union) return union.map((each) => (isJson(each) ? typeOf(each) : ''));
  if (isJson(schema.items)) return html`list of ${typeOf(schema.items)}`;
  if (isJson(schema.properties))
    return html`object: <code>${Object.keys(schema.properties).join(', ')}</code>`;
  return String(schema.format ?? schema.type ?? 'any');
}

function contentSchema(content: Json): Json {
  const first = Object.values(content)[0];
  return isJson(first) && isJson(first.schema) ? first.schema : {};
}

/** Text with `code` in it. */
function marked(text: string) {
  return text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part));
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
