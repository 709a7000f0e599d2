import * as z from 'zod';
import { type Data, type SourceState, weightedData } from './records.ts';
import { History, type Reply, Vendor } from './vendor.ts';
import type { World } from './world.ts';

interface Entry {
  id: string;
  changeId: string;
  stamp: number;
  visibleAt: number;
}

const ReadSchema = z.object({ ids: z.array(z.string()) });
const ScanSchema = z.object({ from: z.number(), to: z.number(), page: z.string().optional() });
const PagedSchema = z.object({ page: z.string().optional() });
const PAGE = 4;

/** The system whose records count. Reads lag, and its change feed shows a change only some time after its stamp. */
export class SourceVendor extends Vendor {
  readonly records = new Map<string, History<SourceState>>();
  readonly #feed: Entry[] = [];

  constructor(world: World) {
    super(world, 'source');
    for (let at = 0; at < world.weights.records; at += 1) {
      this.records.set(
        `r${at}`,
        new History(world.now - 3_600_000, { state: 'present', data: weightedData(world, at) }),
      );
    }
  }

  current(id: string): SourceState | undefined {
    return this.records.get(id)?.now();
  }

  change(id: string, state: SourceState): void {
    const { world } = this;
    this.records.get(id)?.set(world.now, state);
    const entry = { id, changeId: `${id}@${world.now}.${this.#feed.length}`, stamp: world.now };
    this.#feed.push({ ...entry, visibleAt: world.now + world.dice.between(0, world.weights.commitLag) });
    world.tell('source', () => `CHANGE ${id} := ${JSON.stringify(state)}`);
  }

  /** As a read at `moment` shows it, joined with the records it depends on. */
  view(id: string, moment: number): SourceState | undefined {
    const state = this.records.get(id)?.asOf(moment);
    if (state?.state !== 'present') return state;
    const other = (of: string | undefined) =>
      of === undefined ? undefined : this.records.get(of)?.asOf(moment);
    const sponsor = other(state.data.sponsor);
    const parent = other(state.data.parent);
    const data: Data = { ...state.data };
    if (sponsor) data.sponsorA = sponsor.state === 'present' ? sponsor.data.a : null;
    if (parent) data.parentConfirmed = parent.state === 'present' && parent.data.confirmed;
    return { state: 'present', data };
  }

  operate(operation: string, body: unknown): Reply {
    const { dice, weights, now } = this.world;
    switch (operation) {
      case 'read': {
        const seen = ReadSchema.parse(body).ids.flatMap((id) => {
          const state = this.view(id, now - dice.between(0, weights.readLag));
          if (dice.chance(weights.partial) || state?.state !== 'present') return [];
          return [{ id, ...shown(state) }];
        });
        return { status: 200, json: { records: seen } };
      }
      case 'readOne': {
        const [id = ''] = ReadSchema.parse(body).ids;
        const state = this.view(id, now - dice.between(0, weights.readLag)) ?? { state: 'gone' };
        return { status: 200, json: { records: [{ id, ...shown(state) }] } };
      }
      case 'scan':
        return this.#scan(ScanSchema.parse(body));
      case 'list':
        return this.#list(PagedSchema.parse(body).page);
      default:
        return { status: 404, json: {} };
    }
  }

  #scan(window: z.infer<typeof ScanSchema>): Reply {
    const { now } = this.world;
    const visible = this.#feed.filter(
      (each) => each.visibleAt <= now && each.stamp >= window.from && each.stamp <= window.to,
    );
    const start = Number(window.page ?? 0);
    const items = visible.slice(start, start + PAGE).map(({ id, changeId }) => ({ id, changeId }));
    return {
      status: 200,
      json: { items, ...(start + PAGE < visible.length ? { next: String(start + PAGE) } : {}) },
    };
  }

  #list(page: string | undefined): Reply {
    const start = Number(page ?? 0);
    const ids = [...this.records]
      .filter(([, history]) => history.now().state === 'present')
      .map(([id]) => id);
    const all = [...this.records.keys()];
    const items = all.slice(start, start + PAGE).filter((id) => ids.includes(id));
    return {
      status: 200,
      json: {
        items,
        total: ids.length,
        ...(start + PAGE < all.length ? { next: String(start + PAGE) } : {}),
      },
    };
  }
}

function shown(state: SourceState): Record<string, unknown> {
  if (state.state !== 'present') return { ...state };
  return state.data.garbled ? { state: 'present', data: { a: 'garbled' } } : { ...state };
}
