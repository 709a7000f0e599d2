import * as z from 'zod';
import type { LinkBody } from '../../../shared/engine/link.ts';
import { THINGS } from '../records.ts';
import { FLOW } from '../sim-flow.ts';
import type { World } from '../world.ts';
import { consentProblem, consentProblemByValue } from './consent-rule.ts';
import { crosswalkProblems } from './crosswalk-rule.ts';
import { decisionProblems, wordsOnConsent } from './decision-rule.ts';
import { valueProblem } from './field-rules.ts';
import type { LeftVendor } from './left-vendor.ts';
import type { TwoWay } from './mode.ts';
import type { Word } from './operator.ts';
import { FIELDS, type FieldName, UNTOLD } from './pair-fields.ts';
import type { Snapshot } from './pair-vendor.ts';
import type { RightVendor } from './right-vendor.ts';

/** Our changes of values per change of people's, of one record, and what making and pairing it costs besides. */
const ECHO = { perChange: 3, besides: 22 };

const TOLERANCE = 20_000;
/** So many workers may die over one record before it is parked. */
const DEATHS = 5;

/** Judges a two-way run by both vendors' own logs, the links and the crosswalk. */
export class PairOracle {
  readonly #world: World;
  readonly #left: LeftVendor;
  readonly #right: RightVendor;
  readonly #twoWay: TwoWay;
  readonly #words: readonly Word[];

  constructor(
    world: World,
    {
      left,
      right,
      twoWay,
      words,
    }: { left: LeftVendor; right: RightVendor; twoWay: TwoWay; words: readonly Word[] },
  ) {
    this.#words = words;
    this.#world = world;
    this.#left = left;
    this.#right = right;
    this.#twoWay = twoWay;
  }

  body(id: string): LinkBody | undefined {
    return this.#world.state.links.get(`${FLOW}/${THINGS}/${id}`)?.body;
  }

  /** Fields that wait for a person; the empty name stands for the whole record. */
  open(id: string): Set<string> {
    const items = this.body(id)?.pair?.items ?? [];
    return new Set(items.filter((item) => item.keep === undefined && !item.stays).map((item) => item.field));
  }

  /** Has somebody agreed to erase this person at the other side too? */
  isApproved(id: string): boolean {
    return this.#wordsOn(id).some(({ item, keep }) => item[keep] === 'erased');
  }

  /** Has the right side told us that this record of its own was erased? */
  wasToldErased(targetId: string): boolean {
    return this.#world.state.documents.has(`erased/${FLOW}/${THINGS}/${targetId}`);
  }

  #checkErasures(): void {
    const last = new Map(this.#words.map((word) => [`${word.item.id}/${word.item.field}`, word]));
    for (const { item, keep, decision } of last.values()) {
      if (item.field !== '' || item[keep] !== 'erased' || decision !== 'decided') continue;
      // Parked: people merged the record with somebody else's, and are told what only they can do.
      if (this.body(item.id)?.parked) continue;
      if (this.#left.present(item.id) || this.#right.byRef(item.id).length > 0)
        this.#world.violated('an erasure that was agreed to is carried out', item.id);
    }
    for (const id of this.#left.records.keys()) {
      const body = this.body(id);
      if (body?.erasedAt !== undefined && (body.pair || body.hash !== undefined))
        this.#world.violated('an erasure leaves nothing', `${id}: ${JSON.stringify(body)}`);
    }
  }

  /** Its place at the right side is that of somebody who was erased at the left one, and is left there as it is. */
  #waitsForErased(ids: readonly string[]): boolean {
    return ids.every((id) => {
      const [last] = this.body(id)?.outcomes ?? [];
      const holder =
        last?.outcome === 'waiting' ? last.reason?.match(/source record (\w+);/)?.[1] : undefined;
      return holder !== undefined && this.#isErasedAtOne(holder);
    });
  }

  /** The erasure at one side is known, and the other side is still there. */
  #isErasedAtOne(id: string): boolean {
    const items = this.body(id)?.pair?.items ?? [];
    return items.some((item) => item.left === 'erased' || item.right === 'erased');
  }

  resting(): boolean {
    const { messages, letters } = this.#world.state;
    const open = [...messages.values()].filter(({ body }) => !this.#waitsForErased(recordsIn(body)));
    return open.length === 0 && [...letters.values()].every((letter) => idOf(letter.body) !== undefined);
  }

  /** `only` leaves records out. */
  check(rule: string, only: (id: string) => boolean = () => true): void {
    for (const id of [...this.#left.records.keys()].filter(only)) {
      const problem = this.#problem(id);
      if (problem !== undefined) this.#world.violated(rule, `${id}: ${problem}`);
    }
    this.#checkQueue();
    this.#checkParked();
  }

  checkAtEnd(): void {
    this.check('both sides agree after two audits');
    for (const id of this.#left.records.keys()) this.#checkFields(id);
    for (const text of crosswalkProblems(this.#world, this.#left, this.#right))
      this.#world.violated('the crosswalk is true', text);
    this.#checkErasures();
    this.#checkEcho();
  }

  /** Both sides as they stand, where they are to be compared at all. */
  pair(id: string): { left: Snapshot; right: Snapshot } | undefined {
    const left = this.#left.present(id);
    const [right] = this.#right.byRef(id);
    return left && right && !this.open(id).has('') ? { left, right: right[1] } : undefined;
  }

  #problem(id: string): string | undefined {
    const there = this.#right.byRef(id);
    if (there.length > 1) return `${there.length} records of the right side carry its reference`;
    const isJoined = this.open(id).has('');
    const body = this.body(id);
    if (body?.parked || this.#isErasedAtOne(id) || this.#waitsForErased([id])) return undefined;
    if (body?.absentBecause?.startsWith('erased on request'))
      return there.length === 0 ? undefined : 'was erased, and is at the right side';
    if (!this.#left.present(id))
      return there.length === 0 || isJoined ? undefined : 'is still at the right side';
    if (isJoined) return undefined;
    const linked = body?.targetId === undefined ? undefined : this.#right.last(body.targetId);
    if (linked !== undefined && (this.#right.bin.has(linked) || this.#right.erased.has(linked)))
      return undefined;
    const pair = this.pair(id);
    // Its record had become one with that of another one, which was deleted at the left side.
    if (!pair && this.#right.events.joined.has(id)) return undefined;
    if (!pair) return 'is not at the right side';
    const open = this.open(id);
    const wrong = FIELDS.filter(
      (field) => !open.has(field) && pair.left.fields[field] !== pair.right.fields[field],
    );
    if (wrong.length === 0) return undefined;
    return wrong
      .map((field) => `${field} is ${pair.left.fields[field]} and ${pair.right.fields[field]}`)
      .join(', ');
  }

  #checkFields(id: string): void {
    const pair = this.pair(id);
    const { joined, remade } = this.#right.events;
    // What was edited there and had not been read is gone with the record.
    if (!pair || this.body(id)?.parked || joined.has(id) || remade.has(id)) return;
    const open = this.open(id);
    if (this.#twoWay.mode === 'provenance' && this.#twoWay.domain === 'unique')
      this.#checkOverruled(id, pair);
    if (this.#twoWay.domain === 'unique') this.#checkItems(id, pair);
    this.#checkDecisions(id, pair);
    for (const field of FIELDS) {
      if (open.has(field) || pair.left.fields[field] !== pair.right.fields[field]) continue;
      const problem = this.#fieldProblem(id, field, pair);
      if (problem !== undefined)
        this.#world.violated(
          field === 'consent' ? 'consent is never wrongly lifted' : 'no edit is reverted',
          `${id} ${field}: ${problem}`,
        );
    }
  }

  #wordsOn(id: string): Word[] {
    return this.#words.filter(({ item }) => item.id === id);
  }

  #checkDecisions(id: string, pair: { left: Snapshot; right: Snapshot }): void {
    if (this.#right.events.merged.has(id)) return;
    const initial = (field: string) =>
      this.#left.initial.get(id)?.fields[fieldNamed(field) ?? 'name'] ?? null;
    for (const text of decisionProblems(this.#wordsOn(id), { pair, initial, open: this.open(id) }))
      this.#world.violated('a decision holds', `${id} ${text}`);
  }

  /** Nobody is asked about two edits of which one is nobody's. */
  #checkItems(id: string, pair: { left: Snapshot; right: Snapshot }): void {
    for (const { field, because, left, right } of this.body(id)?.pair?.items ?? []) {
      if (!because.startsWith('both sides changed it')) continue;
      const name = fieldNamed(field);
      if (!name) continue;
      for (const [side, value] of [
        ['left', left],
        ['right', right],
      ] as const) {
        const said = pair[side].logs[name].some((each) => each.by !== 'us' && each.value === value);
        if (!said)
          this.#world.violated(
            'an item is about two edits',
            `${id} ${field}: ${value} is nobody's at the ${side}`,
          );
      }
    }
  }

  /** Of two edits that are not clearly apart in time neither may be overruled: which was the later one is not known. */
  #checkOverruled(id: string, pair: { left: Snapshot; right: Snapshot }): void {
    for (const { field, side, value } of this.body(id)?.pair?.overruled ?? []) {
      if (field !== 'name' && field !== 'nick') continue;
      if (this.#wordsOn(id).some(({ item }) => item.field === field)) continue;
      const [own, other] = side === 'left' ? [pair.left, pair.right] : [pair.right, pair.left];
      const lost = own.logs[field].find((each) => each.by !== 'us' && each.value === value);
      if (!lost?.paired) continue;
      const later = other.logs[field].some((each) => each.by !== 'us' && each.at > lost.at + TOLERANCE);
      if (!later)
        this.#world.violated(
          "a close race is a person's to decide",
          `${id} ${field}: ${value} was overruled`,
        );
    }
  }

  #fieldProblem(id: string, field: FieldName, pair: { left: Snapshot; right: Snapshot }): string | undefined {
    const [left, right] = [pair.left.logs[field], pair.right.logs[field]];
    const shown = pair.left.fields[field];
    const blind = this.#twoWay.mode === 'values';
    if (field === 'consent') {
      const said = wordsOnConsent(this.#wordsOn(id));
      return (blind ? consentProblemByValue : consentProblem)({ left, right, shown, said });
    }
    // A person chose it, be it the older one.
    if (this.#wordsOn(id).some(({ item, keep }) => item.field === field && item[keep] === shown))
      return undefined;
    return valueProblem({
      field,
      shown,
      left,
      right,
      blind: blind || UNTOLD.right.includes(field),
      merged: this.#right.events.merged.has(id),
      initial: this.#left.initial.get(id)?.fields[field] ?? null,
    });
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

  /** Nothing here deserves it but two records that only a person can tell apart. */
  #checkParked(): void {
    for (const id of this.#left.records.keys()) {
      const parked = this.body(id)?.parked;
      const deaths = this.#world.mostDeaths.get(`${THINGS}/${id}`) ?? 0;
      const unlucky = parked?.kind === 'worker-died' && deaths >= DEATHS - 1;
      const separates = parked?.reason.includes('who was not erased');
      if (parked && !unlucky && !separates && !parked.reason.includes('records of the target match'))
        this.#world.violated('dead letters deserve it', `${id} is parked: ${parked.reason}`);
    }
  }

  #checkEcho(): void {
    for (const id of this.#left.records.keys()) {
      const ours = (this.#left.ours.get(id) ?? 0) + (this.#right.ours.get(id) ?? 0);
      const edits = (this.#left.theirs.get(id) ?? 0) + (this.#right.theirs.get(id) ?? 0);
      const theirs = edits + this.#wordsOn(id).length;
      const most = ECHO.perChange * theirs + ECHO.besides * (1 + this.#right.upheavals);
      if (ours > most)
        this.#world.violated(
          'echoes die out',
          `${id}: we changed ${ours} values for ${theirs} changes of people`,
        );
    }
  }
}

function fieldNamed(field: string): FieldName | undefined {
  return FIELDS.find((each) => each === field);
}

function recordsIn(message: string): string[] {
  const parsed = z.object({ records: z.array(z.object({ id: z.string() })) }).safeParse(JSON.parse(message));
  return parsed.success ? parsed.data.records.map(({ id }) => id) : [''];
}

function idOf(letter: string): string | undefined {
  const parsed = z.object({ id: z.string() }).safeParse(JSON.parse(letter));
  return parsed.success ? parsed.data.id : undefined;
}
