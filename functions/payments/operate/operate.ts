import { CannotDo, type ServiceWork } from '../../../shared/engine/service.ts';
import { resolve, sync } from './act.ts';
import * as books from './books.ts';
import type { Command, Office } from './command.ts';
import { endpointRemove, endpointRotate, endpointSet, endpointShow } from './endpoints.ts';
import { replayEvents, undelivered } from './events.ts';
import { journal } from './journal.ts';
import { keyCreate, keyEnd, keyList } from './keys.ts';
import { list } from './list.ts';
import { circuit, merchants, providers } from './providers.ts';
import { show } from './show.ts';

/** Everything that operators may ask or tell. */
export const COMMANDS = {
  'key-create': keyCreate,
  'key-list': keyList,
  'key-end': keyEnd,
  'endpoint-set': endpointSet,
  'endpoint-rotate': endpointRotate,
  'endpoint-remove': endpointRemove,
  'endpoint-show': endpointShow,
  'replay-events': replayEvents,
  undelivered,
  list,
  show,
  sync,
  resolve,
  merchants,
  providers,
  circuit,
  reconciliations: books.reconciliations,
  reconciliation: books.reconciliation,
  'reconciliation-csv': books.reconciliationCsv,
  reconcile: books.reconcile,
  stray: books.stray,
  settle: books.settle,
  disputes: books.disputes,
  journal,
} as const satisfies Record<string, Command>;
export type CommandName = keyof typeof COMMANDS;

/** One command of an operator; throws `CannotDo` for what cannot be done. */
export async function operate(
  office: Office,
  name: string,
  input: unknown,
  work: ServiceWork,
): Promise<unknown> {
  const known: Readonly<Record<string, Command>> = COMMANDS;
  const command = Object.hasOwn(known, name) ? known[name] : undefined;
  if (!command)
    throw new CannotDo(
      'missing',
      `there is no command "${name.slice(0, 40)}"`,
      `they are: ${Object.keys(known).join(', ')}`,
    );
  return command.run(office, input, work);
}
