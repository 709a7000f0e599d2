import type { AssociationChange } from './sandbox-associations.ts';
import type { StoreChange } from './sandbox-store.ts';

/** What is told of one change, before it is known which subscription it belongs to. */
export interface Told {
  /** As in subscriptions, e.g. `contact.propertyChange`. */
  readonly type: string;
  /** Only of property changes. */
  readonly property?: string;
  readonly more: Readonly<Record<string, unknown>>;
}

/** What HubSpot tells of a change of a record. A merge is told under the id of the new record. */
export function toldOf(change: StoreChange): Told {
  const { kind, id, author, what } = change;
  const source = {
    changeSource: author.sourceType,
    ...(author.sourceId !== undefined && { sourceId: author.sourceId }),
  };
  const type = `${kind.name}.${what}`;
  switch (what) {
    case 'creation':
      return { type, more: { objectId: id, changeFlag: 'NEW', ...source } };
    case 'deletion':
      return { type, more: { objectId: id, changeFlag: 'DELETED', ...source } };
    case 'restore':
    case 'privacyDeletion':
      return { type, more: { objectId: id, ...source } };
    case 'propertyChange': {
      const { name, value } = change;
      return {
        type,
        property: name,
        more: { objectId: id, propertyName: name, propertyValue: value, ...source },
      };
    }
    case 'merge': {
      const { survivor, merged, moved } = change;
      const ids = { primaryObjectId: id, mergedObjectIds: [merged], newObjectId: survivor };
      return { type, more: { objectId: survivor, ...ids, numberOfPropertiesMoved: moved, ...source } };
    }
  }
}

/** An association is told twice, once from each end. */
export function toldOfAssociation(change: AssociationChange): Told[] {
  const { author, removed, primary } = change;
  const ends = [change, { ...change, from: change.to, to: change.from }];
  return ends.map(({ from, to }) => ({
    type: `${from.kind.name}.associationChange`,
    more: {
      associationType: `${from.kind.name}_to_${to.kind.name}`.toUpperCase(),
      fromObjectId: from.id,
      toObjectId: to.id,
      associationRemoved: removed,
      isPrimaryAssociation: primary,
      changeSource: author.sourceType,
      ...(author.sourceId !== undefined && { sourceId: author.sourceId }),
    },
  }));
}
