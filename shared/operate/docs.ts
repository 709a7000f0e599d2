import { readFileSync, writeFileSync } from 'node:fs';
import { flows } from '../../functions/flows.ts';
import { services } from '../../functions/services.ts';
import type { FlowDefinition } from '../engine/flow.ts';
import type { ServiceDefinition } from '../engine/service.ts';
import { flowTable, replaceSection, runbookSection } from './runbook.ts';
import { serviceSection, serviceTable } from './runbook-service.ts';

/** A document with a generated part: its path from the project's root, and what it should hold. */
export interface GeneratedDocument {
  path: string;
  render(current: string): string;
}

/** The front page and the runbook of each flow and service. */
export function documentsOf(
  all: readonly FlowDefinition[],
  services: readonly ServiceDefinition[],
): GeneratedDocument[] {
  return [
    {
      path: 'README.md',
      render: (text) =>
        replaceSection(replaceSection(text, 'flows', flowTable(all)), 'services', serviceTable(services)),
    },
    ...services.map((service) => ({
      path: service.whereToLook.runbook,
      render: (text: string) => replaceSection(text, 'generated', serviceSection(service)),
    })),
    ...all.map((flow) => ({
      path: flow.whereToLook.runbook,
      render: (text: string) => replaceSection(text, 'generated', runbookSection(flow)),
    })),
  ];
}

/** Paths of the documents that are not as their definitions say; with `write` they are brought up to date. */
export function staleDocuments(root: URL, documents: readonly GeneratedDocument[], write: boolean): string[] {
  return documents.flatMap(({ path, render }) => {
    const file = new URL(path, root);
    const current = readFileSync(file, 'utf8');
    const wanted = render(current);
    if (wanted === current) return [];
    if (write) writeFileSync(file, wanted);
    return [path];
  });
}

/** `node shared/operate/docs.ts` rewrites the generated parts; with `--check` it only says which are stale. */
function main(options: readonly string[]): void {
  const check = options.includes('--check');
  const stale = staleDocuments(new URL('../../', import.meta.url), documentsOf(flows, services), !check);
  for (const path of stale) {
    console.log(check ? `${path} is stale; run: npm run docs` : `${path} rewritten`);
  }
  if (check && stale.length > 0) process.exitCode = 1;
}

if (import.meta.main) main(process.argv.slice(2));
