import { Cron } from 'croner';

/** When a job runs; both kinds also say nothing about how long it takes: it never overlaps itself. */
export type When =
  /** At once and then this often, in seconds. */
  | { everySeconds: number }
  /** Once a day at `HH:MM` of an IANA time zone, as its wall clocks show it. */
  | { dailyAt: string; timeZone: string };

export interface Job {
  /** Names it in logs and locks, e.g. `scan orders/order`. */
  name: string;
  when: When;
  run(): Promise<unknown>;
}

/** Pure; the cron pattern and options of a job. */
export function cronOf(when: When): { pattern: string; interval?: number; timezone?: string } {
  if ('everySeconds' in when) return { pattern: '* * * * * *', interval: when.everySeconds };
  const [, hour, minute] = /^(\d{1,2}):(\d{2})$/.exec(when.dailyAt) ?? [];
  if (hour === undefined || minute === undefined)
    throw new Error(`"${when.dailyAt}" is not a time of day like 02:30`);
  return { pattern: `0 ${Number(minute)} ${Number(hour)} * * *`, timezone: when.timeZone };
}

/** Never two of one name at the same time: who comes meanwhile gets the result of the one that runs. */
export class SingleFlight {
  readonly #running = new Map<string, Promise<unknown>>();

  async run(name: string, work: () => Promise<unknown>): Promise<unknown> {
    const running = this.#running.get(name);
    if (running !== undefined) return running;
    const started = work().finally(() => this.#running.delete(name));
    this.#running.set(name, started);
    return started;
  }

  /** Resolves when nothing runs any more. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#running.values());
  }
}

export interface Timers {
  /** Nothing starts any more; resolves when what runs has ended. */
  stop(): Promise<void>;
}

export interface TimerOptions {
  flights: SingleFlight;
  /** Told of each failure; the job runs again at its next time. */
  onError(job: string, error: unknown): void;
}

export function startTimers(jobs: readonly Job[], options: TimerOptions): Timers {
  const crons = jobs.map((job) => {
    const { pattern, ...at } = cronOf(job.when);
    const run = async () => {
      await options.flights
        .run(job.name, job.run)
        .catch((error: unknown) => options.onError(job.name, error));
    };
    return new Cron(pattern, { ...at, protect: true }, run);
  });
  return {
    async stop() {
      for (const cron of crons) cron.stop();
      await options.flights.idle();
    },
  };
}
