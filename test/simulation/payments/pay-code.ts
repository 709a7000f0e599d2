import { pathToFileURL } from 'node:url';

/** The hub under test: the real one, or a copy of it with one mutation. Loaded by path, so that both can live in one process. */
export interface PayCode {
  accept: typeof import('../../../functions/payments/accept.ts');
  advance: typeof import('../../../functions/payments/advance.ts');
  ask: typeof import('../../../functions/payments/ask.ts');
  board: typeof import('../../../functions/payments/circuit-board.ts');
  start: typeof import('../../../functions/payments/start.ts');
  status: typeof import('../../../functions/payments/status.ts');
  store: typeof import('../../../functions/payments/store.ts');
  timers: typeof import('../../../functions/payments/timers.ts');
  view: typeof import('../../../functions/payments/view.ts');
}

/** `folder` holds the hub's modules; an absolute path. */
export async function loadPayCode(folder: string): Promise<PayCode> {
  const load = (name: string) => import(pathToFileURL(`${folder}/${name}.ts`).href);
  return {
    accept: await load('accept'),
    advance: await load('advance'),
    ask: await load('ask'),
    board: await load('circuit-board'),
    start: await load('start'),
    status: await load('status'),
    store: await load('store'),
    timers: await load('timers'),
    view: await load('view'),
  };
}

export const REAL_HUB = `${import.meta.dirname}/../../../functions/payments`;
