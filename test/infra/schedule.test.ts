import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expressionOf } from '../../infra/parts/schedule.ts';

describe('when a schedule starts', () => {
  test.each([
    [{ everyMinutes: 1 }, { scheduleExpression: 'rate(1 minute)' }],
    [{ everyMinutes: 5 }, { scheduleExpression: 'rate(5 minutes)' }],
    [
      { dailyAt: '00:05', timeZone: 'America/New_York' },
      { scheduleExpression: 'cron(5 0 * * ? *)', scheduleExpressionTimezone: 'America/New_York' },
    ],
  ])('%j', (when, expression) => {
    expect(expressionOf(when)).toEqual(expression);
  });

  test('every minute of the day comes out as the same minute', () => {
    const two = (number: number) => String(number).padStart(2, '0');
    fc.assert(
      fc.property(fc.nat(23), fc.nat(59), (hour, minute) => {
        const { scheduleExpression } = expressionOf({
          dailyAt: `${two(hour)}:${two(minute)}`,
          timeZone: 'UTC',
        });
        expect(scheduleExpression).toBe(`cron(${minute} ${hour} * * ? *)`);
      }),
    );
  });
});
