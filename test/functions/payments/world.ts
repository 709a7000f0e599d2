import { CircuitBoard } from '../../../functions/payments/circuit-board.ts';
import { hubFor } from '../../../functions/payments/hub-open.ts';
import type { Merchant, Site } from '../../../functions/payments/site.ts';
import { paypalProvider } from '../../../shared/connectors/paypal/index.ts';
import { stripeProvider } from '../../../shared/connectors/stripe/index.ts';
import { Fault } from '../../../shared/engine/fault.ts';
import type { Http } from '../../../shared/engine/ports.ts';
import { HttpFailure } from '../../../shared/engine/ports.ts';
import type { Errand, ServicePorts, ServiceWork } from '../../../shared/engine/service.ts';
import { accountKey } from '../../../shared/engine/session.ts';
import { PAYMENT_START } from '../../connectors/payment-contract.ts';
import { type Paypal, startPaypal } from '../../connectors/paypal/world.ts';
import { nodeHttp, type TestSession, testSession } from '../../connectors/session.ts';
import { type StripeWorld, startStripe } from '../../connectors/stripe/world.ts';
import { seededRandom, type VirtualClock, virtualClock } from '../../support/memory/clock.ts';
import { memoryPorts } from '../../support/memory/ports.ts';
import type { MemoryState } from '../../support/memory/state.ts';

/** An errand on the virtual queue. */
export interface Posted {
  errand: Errand;
  at: number;
}

/**
 * A small host in memory, with the sandboxes of Stripe and PayPal behind real HTTP. Its clock, which is the sandboxes'
 * too, stands still unless a test moves it.
 */
export interface World {
  readonly site: Site;
  readonly ports: ServicePorts;
  readonly state: MemoryState;
  readonly clock: VirtualClock;
  readonly circuits: CircuitBoard;
  readonly stripe: StripeWorld;
  readonly paypal: Paypal;
  /** What was posted and has not been worked off. */
  readonly queue: Posted[];
  /** What was handed to the service's event queue. */
  readonly published: unknown[];
  /** What was logged. */
  readonly lines: Readonly<Record<string, unknown>>[];
  /** Operations sent to the providers, e.g. `stripe/main payment_intents.create`. */
  sent(): string[];
  work(): ServiceWork;
  hubOf(merchant: Merchant, work: ServiceWork): ReturnType<typeof hubFor>;
  /** Lets everything end that was left to the background. */
  rest(): Promise<void>;
  /** Moves time on, working off each errand at its moment; one that throws comes again a minute later. */
  run(ms: number, worker: (errand: Errand, dueAt: number) => Promise<unknown>): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Two clubs with the same providers in another order; nothing moves on its own. */
const testSite: Site = {
  merchants: [
    {
      ...{ id: 'club', title: 'Club', providers: [stripeProvider('main'), paypalProvider('main')] },
      ...{ failover: 'proof', softDecline: 'stop', payableMinutes: 60 },
    },
    {
      ...{ id: 'other', title: 'Other club', providers: [paypalProvider('main'), stripeProvider('main')] },
      ...{ failover: 'hold', softDecline: 'next', payableMinutes: 60 },
    },
  ],
};

const MINUTE = 60_000;

export async function startWorld(
  options: { site?: Site; publicHttp?: Http; seed?: number } = {},
): Promise<World> {
  const { site = testSite, publicHttp = noNetwork } = options;
  const clock = virtualClock(PAYMENT_START);
  const now = () => clock.now();
  const stripe = await startStripe({ now });
  const paypal = await startPaypal({ now });
  const memory = memoryPorts({ clock, random: seededRandom(options.seed ?? 1), http: nodeHttp() });
  const sessions = new Map<string, TestSession>([
    ['stripe/main', testSession({ account: 'stripe/main', secret: stripe.secret, now })],
    ['paypal/main', testSession({ account: 'paypal/main', secret: paypal.secret, now })],
  ]);
  const queue: Posted[] = [];
  const published: unknown[] = [];
  const lines: Readonly<Record<string, unknown>>[] = [];
  const background = new Set<Promise<unknown>>();
  const ports: ServicePorts = {
    ...memory,
    post: async (errand, at) => void queue.push({ errand, at }),
    publish: async (event) => void published.push(JSON.parse(JSON.stringify(event))),
    publicHttp,
    session: (account, _, bounds) => {
      const session = sessions.get(accountKey(account));
      if (!session) throw new Error(`no sandbox for ${accountKey(account)}`);
      return bounds ? sendingBefore(session, bounds.sendBefore) : session;
    },
    log: (line) => void lines.push(line),
    publicUrl: () => 'https://pay.example.test',
  };
  const circuits = new CircuitBoard(ports);
  const rest = async () => {
    while (background.size > 0) await Promise.all([...background]);
  };
  return {
    ...{ site, ports, state: memory.state, clock, circuits, stripe, paypal, queue, published, lines, rest },
    sent: () => [...sessions].flatMap(([account, { sent }]) => sent.map((each) => `${account} ${each}`)),
    work: () => ({
      deadline: now() + MINUTE,
      signal: new AbortController().signal,
      background: (task) => {
        const ended: Promise<unknown> = task.catch(() => undefined).finally(() => background.delete(ended));
        background.add(ended);
      },
    }),
    hubOf: (merchant, work) => hubFor(ports, circuits, merchant, work),
    run: (ms, worker) => runQueue({ queue, clock, until: now() + ms }, worker),
    [Symbol.asyncDispose]: async () => {
      await rest();
      await Promise.all([stripe.stop(), paypal.stop()]);
    },
  };
}

const noNetwork: Http = async () => Promise.reject(new HttpFailure('there is no network here', false));

/** As a host does: past that moment nothing is sent any more. */
function sendingBefore(session: TestSession, sendBefore: number): TestSession {
  return Object.assign(Object.create(session) as TestSession, {
    send: (request: Parameters<TestSession['send']>[0]) => {
      if (session.now() < sendBefore) return session.send(request);
      const message = 'its time to be sent has passed';
      const vendor = session.account.split('/')[0] ?? '';
      return Promise.reject(new Fault('unavailable', { vendor, operation: request.operation, message }));
    },
  });
}

async function runQueue(
  { queue, clock, until }: { queue: Posted[]; clock: VirtualClock; until: number },
  worker: (errand: Errand, dueAt: number) => Promise<unknown>,
): Promise<void> {
  for (;;) {
    const due = queue.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
    if (!due) break;
    queue.splice(queue.indexOf(due), 1);
    if (due.at > clock.now()) await clock.advance(due.at - clock.now());
    try {
      await worker(due.errand, due.at);
    } catch {
      queue.push({ errand: due.errand, at: clock.now() + MINUTE });
    }
  }
  if (until > clock.now()) await clock.advance(until - clock.now());
}
