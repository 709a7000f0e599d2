import { html, raw } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import { styles } from './styles.ts';

/** A piece of a page; `hono/html` escapes whatever is put into it. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

export interface PageParts {
  title: string;
  /** From the front page to here, the last one being this page. */
  trail?: readonly { text: string; href?: string }[];
  /** What the last form did, shown once at the top. */
  notice?: string | undefined;
  body: Html;
}

/** The whole document: no script, no external resource, one small stylesheet. */
export function page(parts: PageParts): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${parts.title} · Intertie</title>
<link rel="icon" href="data:,">
<style>${raw(styles)}</style>
</head>
<body>
<header class="top"><a class="brand" href="/">Intertie</a><nav><a href="/">Flows</a><a href="/sandboxes">Sandboxes</a></nav></header>
<main>
${crumbs(parts.trail ?? [])}
${parts.notice === undefined ? '' : html`<p class="notice" role="status">${parts.notice}</p>`}
<h1>${parts.title}</h1>
${parts.body}
</main>
</body>
</html>`;
}

function crumbs(trail: readonly { text: string; href?: string }[]): Html | '' {
  if (trail.length === 0) return '';
  const links = trail.map((each) =>
    each.href === undefined ? html`<span>${each.text}</span>` : html`<a href="${each.href}">${each.text}</a>`,
  );
  return html`<p class="crumbs">${links}</p>`;
}

/** A button that posts to the API and comes back to `back`. */
export function actionForm(
  action: string,
  label: string,
  options: { back: string; fields?: Html; kind?: 'plain' | 'danger' },
): Html {
  return html`<form method="post" action="${action}" class="action"><input type="hidden" name="return" value="${options.back}">${options.fields ?? ''}<button class="${options.kind ?? 'plain'}">${label}</button></form>`;
}

/** What to do when there is nothing to show. */
export function emptyState(text: string | Html): Html {
  return html`<p class="empty">${text}</p>`;
}

export function badge(kind: 'good' | 'bad' | 'warn' | 'quiet', text: string): Html {
  return html`<span class="badge ${kind}">${text}</span>`;
}
