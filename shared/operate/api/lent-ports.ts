import * as z from 'zod';
import { AccountStateSchema, newAccountState } from '../../engine/account-state.ts';
import { BudgetSchema } from '../../engine/budget.ts';
import type { Ports } from '../../engine/ports.ts';

/** What a process that only plans may ask of the ports of the one that started it. */
export const LENT = ['links.read', 'documents.get', 'documents.put', 'secrets.get', 'http'] as const;
export type Lent = (typeof LENT)[number];

/** Thrown for what would change more than a budget. */
export class NotLent extends Error {}

const KeysSchema = z.array(z.object({ flow: z.string(), collection: z.string(), id: z.string() })).max(100);
const AccountSchema = z.object({ budget: BudgetSchema });
const PutSchema = z.tuple([z.string(), z.unknown(), z.string().optional()]);
const RequestSchema = z.object({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string().optional(),
  timeout: z.number(),
});

/**
 * Carries out what is lent: reading, and an account's budget, which is shared by all who call the vendor. Throws for
 * anything that would change a record, a cursor or a secret.
 */
export function lend(ports: Ports, port: Lent, args: readonly unknown[]): Promise<unknown> {
  switch (port) {
    case 'links.read':
      return ports.links.read(KeysSchema.parse(args[0]));
    case 'documents.get':
      return ports.documents.get(z.string().parse(args[0]));
    case 'documents.put':
      return putBudget(ports, PutSchema.parse(args));
    case 'secrets.get':
      return ports.secrets.get(z.string().parse(args[0]));
    case 'http': {
      const { body, ...request } = RequestSchema.parse(args[0]);
      return ports.http(body === undefined ? request : { ...request, body });
    }
  }
}

/**
 * Of an account only its budget: what other code makes of a secret or of an answer must not hold the account, or open
 * its breaker, for the code that runs.
 */
async function putBudget(ports: Ports, [key, value, revision]: z.infer<typeof PutSchema>): Promise<boolean> {
  if (!key.startsWith('account/')) throw new NotLent(`a plan may not write the document ${key}`);
  const { budget } = AccountSchema.parse(value);
  const stored = await ports.documents.get(key);
  if (stored?.revision !== revision) return false;
  const known =
    stored === undefined ? newAccountState(ports.clock.now()) : AccountStateSchema.parse(stored.value);
  return ports.documents.put(key, { ...known, budget }, revision);
}
