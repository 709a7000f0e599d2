import type { Found } from '../../engine/resource.ts';
import type { Session } from '../../engine/session.ts';

/**
 * Contacts that a look-up matched by e-mail and that carry no reference yet. The update that adopts one, in
 * the same piece of work, stamps our reference on it; no other update does, because a contact that was merged
 * with another patron's must keep the reference it has.
 */
export class Adoptions {
  readonly #unstamped = new WeakMap<Session, Set<string>>();

  note(session: Session, found: ReadonlyMap<string, readonly Found[]>): void {
    const ids = [...found.values()].flat().filter((each) => each.ref === undefined);
    if (ids.length === 0) return;
    const known = this.#unstamped.get(session) ?? new Set();
    for (const { targetId } of ids) known.add(targetId);
    this.#unstamped.set(session, known);
  }

  isUnstamped(session: Session, targetId: string): boolean {
    return this.#unstamped.get(session)?.has(targetId) ?? false;
  }
}
