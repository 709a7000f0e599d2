import { hash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync, type Metafile } from 'esbuild';
import {
  HANDLERS,
  type HandlerName,
  SERVICE_HANDLERS,
  type ServiceHandlerName,
} from '../shared/hosts/aws/schedules.ts';

const ROOT = join(import.meta.dirname, '..');

/** The code of each function of one flow. */
export interface Bundles<H extends string> {
  code: Readonly<Record<H, Code>>;
  /** Changes whenever the code of any of them does. */
  deployment: string;
}

export type FlowBundles = Bundles<HandlerName>;
export type ServiceBundles = Bundles<ServiceHandlerName>;

export interface Bundle {
  text: string;
  /** What went into it, and how much of it. */
  metafile: Metafile;
}

/**
 * One export of `functions/<flow>/handlers.ts` and what it uses, as one file. Lambda itself has the SDK, but in a
 * version of its own choosing and as many small files: what was tested is what is deployed.
 */
export function bundleHandler(entry: string, handler: HandlerName | ServiceHandlerName): Bundle {
  const { outputFiles, metafile } = buildSync({
    stdin: {
      contents: `export { ${handler} as handler } from './${entry}';`,
      resolveDir: ROOT,
      sourcefile: `${handler}.ts`,
      loader: 'ts',
    },
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    // Defects are told apart by the line they come from, so there must be lines.
    lineLimit: 1_000,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Half of each SDK package is a second copy for `require`.
    mainFields: ['module', 'main'],
    // CommonJS packages inside still call `require` for Node's own modules.
    banner: {
      js: "import{createRequire as intertieRequire}from'node:module';const require=intertieRequire(import.meta.url);",
    },
    // A function's credentials are in its environment: no need for profiles, sign-in pages and instance metadata.
    alias: {
      '@aws-sdk/credential-provider-node': join(ROOT, 'shared/hosts/aws/env-credentials.ts'),
      // Importing Node's own costs a fifth of a cold start.
      ...aliasesOf('http', 'https'),
    },
    // Loaded by the SDK only for operations that stream events; none here does.
    external: ['@smithy/core/event-streams'],
    legalComments: 'none',
    metafile: true,
    write: false,
    outfile: 'index.js',
    logLevel: 'error',
  });
  return { text: outputFiles[0]?.text ?? '', metafile };
}

/** Both names of a module of Node's, for the small file that stands in its place. */
function aliasesOf(...names: readonly string[]): Record<string, string> {
  const place = (name: string) => join(ROOT, `shared/hosts/aws/builtin-${name}.ts`);
  return Object.fromEntries(
    names.flatMap((name) => [
      [name, place(name)],
      [`node:${name}`, place(name)],
    ]),
  );
}

/** Bundles every handler of the flow; about 100 ms each. */
export function bundleFlow(
  flow: { name: string },
  entry = `functions/${flow.name}/handlers.ts`,
): FlowBundles {
  const { asset, deployment } = bundleAll(flow.name, entry, HANDLERS);
  const code = {
    ...{ receive: asset('receive'), reconcile: asset('reconcile') },
    ...{ scan: asset('scan'), audit: asset('audit'), keep: asset('keep') },
  };
  return { code, deployment };
}

/** The same for a service. */
export function bundleService({ name }: { name: string }): ServiceBundles {
  const { asset, deployment } = bundleAll(name, `functions/${name}/handlers.ts`, SERVICE_HANDLERS);
  return { code: { api: asset('api'), work: asset('work'), timer: asset('timer') }, deployment };
}

function bundleAll<H extends HandlerName | ServiceHandlerName>(
  name: string,
  entry: string,
  handlers: readonly H[],
): { asset(handler: H): Code; deployment: string } {
  const texts = new Map<H, string>();
  for (const handler of handlers) texts.set(handler, bundleHandler(entry, handler).text);
  return {
    asset: (handler) => {
      const folder = join(ROOT, 'node_modules', '.cache', 'intertie', 'bundles', name, handler);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'index.js'), texts.get(handler) ?? '');
      writeFileSync(join(folder, 'package.json'), '{"type":"module"}\n');
      return Code.fromAsset(folder);
    },
    deployment: hash('sha256', [...texts.values()].join('\n')).slice(0, 16),
  };
}
