import { keyText, localName } from '../../shared/engine/link.ts';
import type { ClaimRequest, ClaimResult, Settlement } from '../../shared/engine/ports.ts';
import { claimIn, settleIn } from '../support/memory/links.ts';
import type { World } from './world.ts';

/** Which records a worker has in hand, so that its death is counted against them. */
export class HeldRecords {
  readonly #world: World;
  readonly #names = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  claim(requests: readonly ClaimRequest[], expiredBefore: number): ClaimResult[] {
    const results = claimIn(this.#world.state, requests, expiredBefore);
    for (const [at, result] of results.entries()) {
      const key = requests[at]?.key;
      if (!result.claimed || !key) continue;
      this.#names.add(localName(key));
      if (result.before?.lease) this.#world.counts.takeovers += 1;
    }
    return results;
  }

  settle(settlements: readonly Settlement[]): ('settled' | 'lost')[] {
    if (this.#world.weights.broken === 'settles without ownership') this.#seize(settlements);
    const results = settleIn(this.#world.state, settlements);
    for (const [at, result] of results.entries()) {
      const { key, lease } = settlements[at] ?? {};
      // What is only noted is still in hand.
      if (!key || lease === 'keep') continue;
      this.#names.delete(localName(key));
      if (result !== 'settled') continue;
      this.#world.deaths.delete(localName(key));
      this.#world.killed.delete(key.id);
      this.#world.killedUnheld.delete(key.id);
    }
    return results;
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  died(): void {
    for (const name of this.#names) this.#world.died(name);
    this.#names.clear();
  }

  #seize(settlements: readonly Settlement[]): void {
    for (const { key, token } of settlements) {
      const link = this.#world.state.links.get(keyText(key));
      if (link) link.lease = { token, until: link.lease?.until ?? 0 };
    }
  }
}
