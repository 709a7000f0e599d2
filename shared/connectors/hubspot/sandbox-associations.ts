import { AssociationTypes, PRIMARY } from './sandbox-association-types.ts';
import type { Author } from './sandbox-author.ts';
import type { ObjectKind } from './sandbox-kinds.ts';

/** One end of an association. */
export interface End {
  readonly kind: ObjectKind;
  readonly id: number;
}

/** A pair that became associated, or no longer is. */
export interface AssociationChange {
  readonly from: End;
  readonly to: End;
  readonly removed: boolean;
  readonly primary: boolean;
  readonly author: Author;
}

interface AssociationWorld {
  tell(change: AssociationChange): void;
  /** What is stored has changed. */
  touch(): void;
}

interface Link {
  readonly to: End;
  readonly types: Set<number>;
}

/** Which records belong together, and how. Every link is kept from both ends. */
export class Associations {
  readonly types = new AssociationTypes();
  readonly #world: AssociationWorld;
  readonly #links = new Map<string, Map<string, Link>>();

  constructor(world: AssociationWorld) {
    this.#world = world;
  }

  /** Links of a record to records of one kind, in the order in which they were made. */
  of(from: End, to: ObjectKind): readonly Link[] {
    return [...(this.#links.get(keyOf(from))?.values() ?? [])].filter((link) => link.to.kind === to);
  }

  /** Adds types; every pair also has the type without a label. A new primary company takes the place of the old one. */
  link(from: End, to: End, typeIds: readonly number[], author: Author): void {
    const plain = this.types.plain(from.kind.name, to.kind.name);
    const wanted = new Set([...(plain ? [plain.id] : []), ...typeIds]);
    const held = this.#links.get(keyOf(from))?.get(keyOf(to))?.types;
    if (held && [...wanted].every((id) => held.has(id))) return;
    if (wanted.has(PRIMARY)) this.#demote(from, to.kind);
    if (wanted.has(this.types.get(PRIMARY)?.inverse ?? 0)) this.#demote(to, from.kind);
    for (const id of wanted) this.#put(from, to, id);
    this.#world.touch();
    this.#world.tell({ from, to, removed: false, primary: this.#isPrimary(from, to), author });
  }

  /** Takes the pair apart, or only some labels of it. */
  unlink(from: End, to: End, author: Author, typeIds?: readonly number[]): void {
    const held = this.#links.get(keyOf(from))?.get(keyOf(to))?.types;
    if (!held) return;
    const primary = this.#isPrimary(from, to);
    this.#world.touch();
    if (typeIds) {
      for (const id of typeIds) this.#drop(from, to, id);
      if (held.size > 0) return;
    }
    this.#links.get(keyOf(from))?.delete(keyOf(to));
    this.#links.get(keyOf(to))?.delete(keyOf(from));
    this.#world.tell({ from, to, removed: true, primary, author });
  }

  /** Of a record that is gone for ever. */
  forget(end: End): void {
    for (const { to } of this.#links.get(keyOf(end))?.values() ?? [])
      this.#links.get(keyOf(to))?.delete(keyOf(end));
    this.#links.delete(keyOf(end));
  }

  /** The survivor of a merge has the links of both. */
  move({ kind, id, merged, survivor }: End & { merged: number; survivor: number }): void {
    for (const old of [
      { kind, id },
      { kind, id: merged },
    ]) {
      for (const { to, types } of this.#links.get(keyOf(old))?.values() ?? [])
        if (to.id !== survivor) for (const type of types) this.#put({ kind, id: survivor }, to, type);
      this.forget(old);
    }
  }

  #put(from: End, to: End, id: number): void {
    this.#side(from, to).types.add(id);
    this.#side(to, from).types.add(this.types.get(id)?.inverse ?? id);
  }

  #drop(from: End, to: End, id: number): void {
    this.#side(from, to).types.delete(id);
    this.#side(to, from).types.delete(this.types.get(id)?.inverse ?? id);
  }

  #side(from: End, to: End): Link {
    const links = this.#links.get(keyOf(from)) ?? new Map<string, Link>();
    this.#links.set(keyOf(from), links);
    const link = links.get(keyOf(to)) ?? { to, types: new Set<number>() };
    links.set(keyOf(to), link);
    return link;
  }

  #demote(contact: End, company: ObjectKind): void {
    for (const { to } of this.of(contact, company)) this.#drop(contact, to, PRIMARY);
  }

  #isPrimary(from: End, to: End): boolean {
    const types = this.#links.get(keyOf(from))?.get(keyOf(to))?.types;
    return [PRIMARY, this.types.get(PRIMARY)?.inverse ?? 0].some((id) => types?.has(id));
  }
}

function keyOf({ kind, id }: End): string {
  return `${kind.typeId}:${id}`;
}
