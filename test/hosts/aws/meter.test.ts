import { expect, test } from 'vitest';
import { emfMeter } from '../../../shared/hosts/aws/meter.ts';
import { virtualClock } from '../../support/memory/clock.ts';

test('sums counts, keeps the worst gauge, and writes one line in the embedded metric format', async () => {
  const clock = virtualClock(1_000);
  const lines: string[] = [];
  const meter = emfMeter({ stage: 'prod', flow: 'f', clock, write: (line) => void lines.push(line) });
  meter.count('f', 'parkings', 2);
  meter.count('f', 'parkings');
  meter.gauge('f', 'parked.age', 61_400);
  meter.tell('oldestUnfinished', 5);
  meter.tell('oldestUnfinished', 3);
  meter.count('f', 'something that nobody publishes');
  meter.flush();
  meter.flush();
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    {
      _aws: {
        Timestamp: 1_000,
        CloudWatchMetrics: [
          {
            Namespace: 'Intertie',
            Dimensions: [['Stage', 'Flow']],
            Metrics: [
              { Name: 'NewParkings', Unit: 'Count' },
              { Name: 'ParkedAge', Unit: 'Seconds' },
              { Name: 'OldestUnfinished', Unit: 'Seconds' },
            ],
          },
        ],
      },
      Stage: 'prod',
      Flow: 'f',
      NewParkings: 3,
      ParkedAge: 61,
      OldestUnfinished: 5,
    },
  ]);
});

test('what only a dashboard reads waits for company, at most a minute', async () => {
  const clock = virtualClock(0);
  const lines: string[] = [];
  const meter = emfMeter({ stage: 'prod', flow: 'f', clock, write: (line) => void lines.push(line) });
  for (let second = 0; second < 59; second += 1) {
    meter.count('f', 'outcome.updated');
    meter.flush();
    await clock.advance(1_000);
  }
  expect(lines).toEqual([]);
  await clock.advance(1_000);
  meter.flush();
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ Delivered: 59 });
});
