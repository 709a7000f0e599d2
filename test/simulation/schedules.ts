import type { Engine, Work } from '../../shared/engine/engine.ts';
import type { Host } from './host.ts';
import { THINGS } from './records.ts';
import { FLOW } from './sim-flow.ts';

const MINUTE = 60_000;
const WEBHOOK_TRIES = 3;

/** What the world starts by itself: webhooks of the source, and the flow's timers. */
export class Schedules {
  readonly #host: Host;
  auditing = true;
  running = 0;

  constructor(host: Host) {
    this.#host = host;
  }

  begin(): void {
    const { world, flow } = this.#host;
    const { code, dice } = world;
    this.#startBackfill();
    // The first scan comes after the start of the backfill, as an operator's runbook has it.
    if (world.weights.scans)
      this.#every('scan', 5 * MINUTE, (engine, work) => code.scan.scan(engine, flow, THINGS, work));
    this.#every('recheck', 4 * MINUTE, (engine) => code.recheck.ringRechecks(engine, flow));
    this.#every('keeper', 10 * MINUTE, (engine) => code.keeper.keepDeadLetters(engine, flow));
    const audit = () => {
      if (this.auditing && world.weights.audits) this.audit();
      world.after(dice.between(20 * MINUTE, 60 * MINUTE), audit);
    };
    world.after(dice.between(10 * MINUTE, 40 * MINUTE), audit);
  }

  audit(): void {
    const { world, flow } = this.#host;
    this.go(
      'audit',
      async (engine) => world.code.audit.startAudit(engine, flow, THINGS),
      () => this.#audit(20),
    );
  }

  replayAll(): void {
    const { world, flow } = this.#host;
    this.go('replay', async (engine) => world.code.operate.replay(engine, flow, 'all'));
  }

  /** The source announces a change; it tries again when we do not answer 200, a few times. */
  webhook(id: string, tries = WEBHOOK_TRIES): void {
    const { world, flow } = this.#host;
    const { dice, weights } = world;
    if (tries === WEBHOOK_TRIES && dice.chance(weights.lostWebhook)) {
      world.tell('source', () => `the webhook of ${id} never comes`);
      return;
    }
    world.after(dice.between(0, dice.chance(0.3) ? weights.webhookDelay : 500), () => {
      const body = new TextEncoder().encode(JSON.stringify({ ids: [id] }));
      const request = {
        method: 'POST',
        url: `https://hooks.test/hooks/${FLOW}/changes`,
        headers: {},
        body,
        receivedAt: world.now,
      };
      this.go(
        'webhook',
        (engine) => world.code.receive.receive(engine, flow, 'changes', request),
        (answer) => {
          world.tell('source', () => `webhook of ${id} answered ${answer?.status}`);
          if (answer?.status !== 200 && tries > 1) world.after(MINUTE, () => this.webhook(id, tries - 1));
        },
      );
    });
  }

  /** The operator who starts it sees whether that succeeded, and does it again. */
  #startBackfill(): void {
    const { world, flow } = this.#host;
    const start = (engine: Engine) =>
      world.code.backfill.startBackfill(engine, flow, THINGS).then(() => true);
    this.go('backfill', start, (started) =>
      started ? this.#backfill() : world.after(1_000, () => this.#startBackfill()),
    );
  }

  #backfill(): void {
    const { world, flow } = this.#host;
    this.go(
      'backfill',
      (engine, work) => world.code.backfill.continueBackfill(engine, flow, THINGS, work),
      (progress) => {
        if (progress?.finishedAt === undefined) world.after(MINUTE, () => this.#backfill());
      },
    );
  }

  #audit(left: number): void {
    const { world, flow } = this.#host;
    this.go(
      'audit',
      (engine, work) => world.code.audit.continueAudit(engine, flow, THINGS, work),
      (report) => {
        world.tell('audit', () => JSON.stringify(report));
        if (report?.finishedAt === undefined && left > 0) world.after(MINUTE, () => this.#audit(left - 1));
      },
    );
  }

  #every(name: string, interval: number, job: (engine: Engine, work: Work) => Promise<unknown>): void {
    const { world } = this.#host;
    const tick = () => {
      this.go(name, job);
      world.after(interval, tick);
    };
    world.after(world.dice.between(0, interval), tick);
  }

  /** A process of its own does this, and `then` is told how it ended; undefined = it died or failed. */
  go<T>(
    name: string,
    job: (engine: Engine, work: Work) => Promise<T>,
    then: (value: T | undefined) => void = () => undefined,
  ): void {
    this.running += 1;
    void this.#host.run(name, job).then((value) => {
      this.running -= 1;
      then(value);
    });
    this.#host.world.scheduler.woke();
  }
}
