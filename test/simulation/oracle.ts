import * as z from 'zod';
import type { EndPolicy } from '../../shared/engine/flow.ts';
import { type Expected, wrongFields } from './expected.ts';
import { type Data, mapData, THINGS } from './records.ts';
import { FLOW, MAX_ATTEMPTS } from './sim-flow.ts';
import type { SourceVendor } from './source-vendor.ts';
import { sponsorWasHeard } from './sponsors.ts';
import type { TargetVendor } from './target-vendor.ts';
import type { World } from './world.ts';

/** A worker may die this often over one record before the record is parked. */
const DEATHS = 5;

/** Judges a run by looking at both vendors, the links, the queue and the trail. */
export class Oracle {
  readonly #world: World;
  readonly #source: SourceVendor;
  readonly #target: TargetVendor;
  readonly #whenAbsent: EndPolicy;

  constructor(world: World, source: SourceVendor, target: TargetVendor, whenAbsent: EndPolicy) {
    this.#world = world;
    this.#source = source;
    this.#target = target;
    this.#whenAbsent = whenAbsent;
  }

  expected(id: string): Expected {
    const state = this.#source.view(id, this.#world.now);
    if (state?.state !== 'present') return { kind: 'removed' };
    if (state.data.kills || state.data.garbled) return { kind: 'undeliverable' };
    const mapped = mapData(state.data, { now: this.#world.now });
    if (mapped.kind === 'rejected') return { kind: 'undeliverable' };
    if (mapped.kind === 'waiting') return { kind: 'blocked' };
    if (mapped.kind === 'absent') return this.#absent();
    if (mapped.fields.refuse !== null) return { kind: 'undeliverable' };
    return this.#hasParent(state.data) || this.#target.byRef(id).length > 0
      ? { kind: 'present', fields: mapped.fields }
      : { kind: 'blocked' };
  }

  /** Records that differ from what they should be; `only` leaves some out. */
  disagreements(only: (id: string) => boolean): string[] {
    return [...this.#source.records.keys()].filter(only).flatMap((id) => {
      const problem = this.#difference(id);
      return problem === undefined ? [] : [`${id}: ${problem}`];
    });
  }

  /** Every change was heard of, faults are over, no audit has run: only people's edits of the target may remain. */
  checkAfterDrain(): void {
    const heard = (id: string) =>
      !this.#target.touched.has(id) && sponsorWasHeard(this.#world, this.#source, id);
    for (const text of this.disagreements(heard)) this.#world.violated('nothing accepted is lost', text);
    this.#checkQueue();
    this.#checkParked({ replayed: false });
    this.#checkTrail();
  }

  /** Two audits later nothing may differ, whoever caused it. */
  checkAtEnd(): void {
    for (const text of this.disagreements(() => true))
      this.#world.violated('both sides agree after two audits', text);
    this.#checkQueue();
    this.#checkParked({ replayed: true });
    this.#checkLetters();
    this.#checkLinks();
    this.#checkTrail();
    this.#checkProgress();
  }

  /** Is anything left to do but to wait for what cannot come? What the queue gave up on is the keeper's to do. */
  resting(): boolean {
    const { messages, letters } = this.#world.state;
    return (
      [...messages.values()].every((message) => this.#isWaiting(message.body)) &&
      [...letters.values()].every((letter) => idOf(letter.body) !== undefined)
    );
  }

  #isWaiting(message: string): boolean {
    const event: { records: { id: string }[] } = JSON.parse(message);
    return event.records.every(({ id }) => this.expected(id).kind === 'blocked');
  }

  #absent(): Expected {
    if (this.#whenAbsent === 'remove') return { kind: 'removed' };
    return typeof this.#whenAbsent === 'string'
      ? { kind: 'unchecked' }
      : { kind: 'marked', fields: this.#whenAbsent.mark };
  }

  #hasParent(data: Data): boolean {
    return data.parent === undefined || this.#target.byRef(data.parent).length > 0;
  }

  /** What is wrong with a record at the target; one that is parked is judged by whether it deserves it. */
  #difference(id: string): string | undefined {
    const there = this.#target.byRef(id);
    if (there.length > 1) return `${there.length} records at the target carry its reference`;
    if (this.#isParked(id)) return undefined;
    const expected = this.expected(id);
    const fields = there[0]?.[1].fields;
    switch (expected.kind) {
      case 'undeliverable':
      case 'unchecked':
      case 'blocked':
        return undefined;
      case 'removed':
        return fields ? 'is still at the target' : undefined;
      case 'marked':
        return fields && wrongFields(fields, expected.fields);
      case 'present':
        return fields ? wrongFields(fields, expected.fields) : 'is not at the target';
    }
  }

  #isParked(id: string): boolean {
    return this.#world.state.links.get(`${FLOW}/${THINGS}/${id}`)?.body?.parked !== undefined;
  }

  #checkQueue(): void {
    if (this.resting()) return;
    const { messages, letters } = this.#world.state;
    const left = [...messages.values(), ...letters.values()].map(({ body }) => body).slice(0, 3);
    this.#world.violated(
      'the queue comes to rest',
      `${messages.size} messages and ${letters.size} letters left, e.g. ${left.join(' ')}`,
    );
  }

  /** Whoever is parked deserves it now, and whoever deserves it is parked. */
  #checkParked({ replayed }: { replayed: boolean }): void {
    for (const [id] of this.#source.records) {
      const { kind } = this.expected(id);
      const deliverable = kind === 'present' || kind === 'removed' || kind === 'marked';
      // Parked for good reason, and only time or calm has made it harmless since: after a replay nothing excuses it.
      const excused = !replayed && (this.#hasLapsed(id) || this.#excused(id));
      if (this.#isParked(id) && deliverable && !excused)
        this.#world.violated(
          'dead letters deserve it',
          `${id} is parked: ${this.#world.state.links.get(`${FLOW}/${THINGS}/${id}`)?.body?.parked?.reason}`,
        );
      if (!this.#isParked(id) && kind === 'undeliverable')
        this.#world.violated('poison is parked', `${id} cannot be delivered and is not parked`);
    }
    for (const entry of this.#world.state.trail) {
      if (entry.outcome === 'parked' && !this.#deserved(entry.id, entry.reason ?? ''))
        this.#world.violated('dead letters deserve it', `${entry.id} was parked: ${entry.reason}`);
    }
  }

  /** Bad luck counts too: enough workers died over it, or enough of its writes failed. */
  #excused(id: string): boolean {
    const { mostDeaths } = this.#world;
    return (mostDeaths.get(`${THINGS}/${id}`) ?? 0) >= DEATHS - 1 || this.#unknowns(id) >= MAX_ATTEMPTS - 1;
  }

  #deserved(id: string, reason: string): boolean {
    if (reason.startsWith('rejected')) return this.#everBad(id);
    if (reason.includes('worker died'))
      return (this.#world.mostDeaths.get(`${THINGS}/${id}`) ?? 0) >= DEATHS - 1;
    if (reason.startsWith('unknown-outcome') || reason.startsWith('conflict'))
      return this.#unknowns(id) >= MAX_ATTEMPTS - 1;
    return false;
  }

  #unknowns(id: string): number {
    return this.#world.state.trail.filter(
      (entry) => entry.id === id && (entry.outcome === 'unknown' || entry.outcome === 'retry'),
    ).length;
  }

  #hasLapsed(id: string): boolean {
    const state = this.#source.current(id);
    return (
      state?.state === 'present' && (state.data.expiresAt ?? Number.POSITIVE_INFINITY) <= this.#world.now
    );
  }

  #everBad(id: string): boolean {
    return (
      this.#source.records
        .get(id)
        ?.some(
          (state) =>
            state.state === 'present' && (state.data.bad !== undefined || state.data.garbled === true),
        ) ?? false
    );
  }

  #checkLinks(): void {
    for (const { key, body } of this.#world.state.links.values()) {
      const { kind } = this.expected(key.id);
      if (!body || body.parked || (kind !== 'present' && kind !== 'removed')) continue;
      const [there] = this.#target.byRef(key.id);
      if (body.state === 'present' && body.targetId !== there?.[0])
        this.#world.violated(
          'links are true',
          `${key.id} is linked with ${body.targetId}, the target has ${there?.[0]}`,
        );
      if (body.state !== 'present' && body.state !== undefined && this.#whenAbsent === 'remove' && there)
        this.#world.violated(
          'links are true',
          `${key.id} is ${body.state} by its link, the target has ${there[0]}`,
        );
    }
  }

  /** Without a letter nobody is paged. */
  #checkLetters(): void {
    const lettered = new Set([...this.#world.state.letters.values()].map((letter) => idOf(letter.body)));
    for (const { key, body } of this.#world.state.links.values()) {
      if (body?.parked && !lettered.has(key.id))
        this.#world.violated('parked means a dead letter', `${key.id} is parked and nobody is paged`);
    }
  }

  #checkTrail(): void {
    const told = new Set(
      this.#world.state.trail.map((entry) => `${entry.id} ${entry.trace} ${entry.outcome}`),
    );
    for (const { key, body } of this.#world.state.links.values()) {
      for (const outcome of body?.outcomes ?? []) {
        const line = `${key.id} ${outcome.trace} ${outcome.outcome}`;
        if (!told.has(line)) this.#world.violated('every outcome is in the trail', line);
      }
    }
  }

  /** That whatever can be delivered has been follows from the other rules; this one says that something was done. */
  #checkProgress(): void {
    if (
      this.#world.counts.writes === 0 &&
      [...this.#source.records.keys()].some((id) => this.expected(id).kind === 'present')
    )
      this.#world.violated('progress', 'nothing was ever written');
  }
}

function idOf(letter: string): string | undefined {
  const parsed = z.object({ id: z.string() }).safeParse(JSON.parse(letter));
  return parsed.success ? parsed.data.id : undefined;
}
