import { Cron } from 'croner';
import { describe, expect, test } from 'vitest';
import { cronOf, SingleFlight, startTimers } from '../../../shared/hosts/embedded/timers.ts';

describe('when a job runs', () => {
  test('daily at the wall clock of its zone, also across a change of the clocks', () => {
    const { pattern, timezone } = cronOf({ dailyAt: '02:30', timeZone: 'Europe/London' });
    const cron = new Cron(pattern, { timezone: timezone!, paused: true });
    const runs = cron.nextRuns(2, '2026-01-10T12:00:00Z').map((run) => run.toISOString());
    expect(runs).toEqual(['2026-01-11T02:30:00.000Z', '2026-01-12T02:30:00.000Z']);
    expect(cron.nextRun('2026-07-10T12:00:00Z')?.toISOString()).toBe('2026-07-11T01:30:00.000Z');
  });

  test('every so many seconds, however many', () => {
    expect(cronOf({ everySeconds: 420 })).toEqual({ pattern: '* * * * * *', interval: 420 });
  });

  test('a time of day that is none is refused', () => {
    expect(() => cronOf({ dailyAt: 'noon', timeZone: 'UTC' })).toThrow('noon');
  });
});

describe('single flight', () => {
  test('who comes while a job runs joins it', async () => {
    const flights = new SingleFlight();
    const gate = Promise.withResolvers<number>();
    let starts = 0;
    const work = () => {
      starts += 1;
      return gate.promise;
    };
    const both = [flights.run('scan', work), flights.run('scan', work)];
    const other = flights.run('audit', async () => 'other');
    gate.resolve(7);
    expect(await Promise.all(both)).toEqual([7, 7]);
    expect(await other).toBe('other');
    expect(starts).toBe(1);
    await flights.run('scan', work);
    expect(starts).toBe(2);
  });

  test('a failure ends the flight', async () => {
    const flights = new SingleFlight();
    await expect(flights.run('scan', async () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await flights.run('scan', async () => 'again')).toBe('again');
  });
});

test('a job starts by itself, and its failure is told', async () => {
  const told = Promise.withResolvers<string>();
  const job = {
    name: 'scan',
    when: { everySeconds: 60 },
    run: async () => Promise.reject(new Error('vendor is down')),
  };
  const onError = (name: string, error: unknown) => told.resolve(`${name}: ${String(error)}`);
  const timers = startTimers([job], { flights: new SingleFlight(), onError });
  expect(await told.promise).toBe('scan: Error: vendor is down');
  await timers.stop();
});
