import { pathToFileURL } from 'node:url';

/** The engine under test: the real one, or a copy of it with one mutation. Loaded by path, so that both can live in one process. */
export interface Code {
  account: typeof import('../../shared/engine/account.ts');
  audit: typeof import('../../shared/engine/audit.ts');
  backfill: typeof import('../../shared/engine/backfill.ts');
  engine: typeof import('../../shared/engine/engine.ts');
  fault: typeof import('../../shared/engine/fault.ts');
  flow: typeof import('../../shared/engine/flow.ts');
  items: typeof import('../../shared/engine/work-items.ts');
  keeper: typeof import('../../shared/engine/keeper.ts');
  operate: typeof import('../../shared/engine/operate.ts');
  ports: typeof import('../../shared/engine/ports.ts');
  receive: typeof import('../../shared/engine/receive.ts');
  recheck: typeof import('../../shared/engine/recheck.ts');
  reconcile: typeof import('../../shared/engine/reconcile.ts');
  scan: typeof import('../../shared/engine/scan.ts');
}

/** `folder` holds the engine's modules; an absolute path. */
export async function loadCode(folder: string): Promise<Code> {
  const load = (name: string) => import(pathToFileURL(`${folder}/${name}.ts`).href);
  return {
    account: await load('account'),
    audit: await load('audit'),
    backfill: await load('backfill'),
    engine: await load('engine'),
    fault: await load('fault'),
    flow: await load('flow'),
    items: await load('work-items'),
    keeper: await load('keeper'),
    operate: await load('operate'),
    ports: await load('ports'),
    receive: await load('receive'),
    recheck: await load('recheck'),
    reconcile: await load('reconcile'),
    scan: await load('scan'),
  };
}

export const REAL_ENGINE = `${import.meta.dirname}/../../shared/engine`;
