import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Item } from './link-item.ts';
import type { Store } from './store.ts';

export interface Change {
  key: Item;
  /** Attributes by name; all names are aliased, so that none can be a reserved word. */
  set?: Readonly<Record<string, AttributeValue>>;
  remove?: readonly string[];
  /** Elements added to, or taken from, the set of strings of this name. */
  add?: readonly [name: string, elements: readonly string[]];
  take?: readonly [name: string, elements: readonly string[]];
  /** In terms of `#name` and `:name`. */
  condition?: string;
  /** Names and values that only the condition uses. */
  given?: Readonly<Record<string, AttributeValue>>;
  asked?: readonly string[];
}

/** `old` is the item as the write found it, also when its condition failed. */
export interface Written {
  written: boolean;
  old: Item | undefined;
}

/** One write unit per started kilobyte, whether the condition held or not. */
export async function update(
  { client, table }: Pick<Store, 'client' | 'table'>,
  change: Change,
): Promise<Written> {
  const names = new Map<string, string>();
  const values = new Map<string, AttributeValue>();
  const name = (of: string) => {
    names.set(`#${of}`, of);
    return `#${of}`;
  };
  const value = (of: string, attribute: AttributeValue) => {
    values.set(`:${of}`, attribute);
    return `:${of}`;
  };
  const clauses = clausesOf(change, name, value);
  for (const each of change.asked ?? []) name(each);
  for (const [of, attribute] of Object.entries(change.given ?? {})) value(of, attribute);
  const command = new UpdateItemCommand({
    TableName: table,
    Key: change.key,
    UpdateExpression: clauses.join(' '),
    ExpressionAttributeNames: Object.fromEntries(names),
    ...(values.size > 0 && { ExpressionAttributeValues: Object.fromEntries(values) }),
    ...(change.condition !== undefined && { ConditionExpression: change.condition }),
    ReturnValues: 'ALL_OLD',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  try {
    const { Attributes: old } = await client.send(command);
    return { written: true, old };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { written: false, old: error.Item };
  }
}

function clausesOf(
  change: Change,
  name: (of: string) => string,
  value: (of: string, attribute: AttributeValue) => string,
): string[] {
  const { set = {}, remove = [], add, take } = change;
  const clauses: string[] = [];
  const assigned = Object.entries(set).map(([of, attribute]) => `${name(of)} = ${value(of, attribute)}`);
  if (assigned.length > 0) clauses.push(`SET ${assigned.join(', ')}`);
  if (remove.length > 0) clauses.push(`REMOVE ${remove.map(name).join(', ')}`);
  if (add) clauses.push(`ADD ${name(add[0])} ${value('added', { SS: [...add[1]] })}`);
  if (take) clauses.push(`DELETE ${name(take[0])} ${value('taken', { SS: [...take[1]] })}`);
  return clauses;
}
