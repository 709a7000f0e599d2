import { atTarget } from './alias.ts';
import type { Engine, Work } from './engine.ts';
import { Fault, vendorCall } from './fault.ts';
import { type Collection, type Flow, SKEW } from './flow.ts';
import type { Millis, Page } from './ports.ts';
import type { Change, ScanWindow } from './resource.ts';
import type { AccountRef, Session } from './session.ts';

/** A limit by the second is waited for; anything longer is left to the next scan. */
const SHORT_REST: Millis = 2_000;

/** A side that is asked what has changed there. */
export interface Feed {
  account: AccountRef;
  title: string;
  /** Two clocks included: the cursor is of ours, and the stamps are of the side's. */
  overlap: Millis;
  /** Of its cursor. */
  key: string;
  /** What a hint carries for a record of this side. */
  named(id: string): string;
  pages(session: Session, window: ScanWindow): Promise<Page<Change>>;
}

/** The source, and the target where it flows back. */
export function feedsOf(flow: Flow, { name, source, target, back }: Collection): Feed[] {
  const { account, title, overlap } = source;
  const left: Feed = {
    account,
    title,
    overlap: overlap + 2 * SKEW,
    key: scanKey(flow, name),
    named: (id) => id,
    pages: (session, window) => source.scan(session, window),
  };
  const { scan: pages } = target;
  if (!back || !pages) return [left];
  const right: Feed = {
    account: target.account,
    title: target.title,
    overlap: (target.overlap ?? 0) + 2 * SKEW,
    key: `${scanKey(flow, name)}/target`,
    named: atTarget,
    pages: (session, window) => pages.call(target, session, window),
  };
  return [left, right];
}

/** One page of a window. A vendor may allow few searches a second: a long window is not given up for that. */
export async function pageOf(
  feed: Feed,
  window: ScanWindow,
  run: { engine: Engine; session: Session; work: Work; mayWait(): boolean },
): Promise<Page<Change>> {
  for (;;) {
    try {
      return await vendorCall(`scan ${feed.title}`, () => feed.pages(run.session, window));
    } catch (thrown) {
      const rest = thrown instanceof Fault && thrown.kind === 'rate-limited' ? thrown.retryAfter : undefined;
      if (rest === undefined || rest > SHORT_REST || !run.mayWait()) throw thrown;
      await run.engine.ports.clock.sleep(rest, run.work.signal);
    }
  }
}

function scanKey(flow: Flow, collection: string): string {
  return `scan/${flow.name}/${collection}`;
}
