import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openMeter } from '../../../shared/hosts/embedded/meter.ts';
import { openStore } from '../../../shared/hosts/embedded/store.ts';

test('counters are kept over a restart, gauges are not', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'intertie-meter-'));
  const first = openStore({ dir, now: () => 0 });
  const meter = openMeter(first);
  meter.count('f', 'delivered');
  meter.count('f', 'delivered', 41);
  meter.count('', 'delivered', 0.5);
  meter.gauge('f', 'depth', 7);
  meter.gauge('f', 'depth', 8);
  const counters = [
    { flow: '', metric: 'delivered', value: 0.5 },
    { flow: 'f', metric: 'delivered', value: 42 },
  ];
  expect(meter.snapshot().gauges).toEqual([{ flow: 'f', metric: 'depth', value: 8 }]);
  await meter.close();
  first.close();

  const second = openStore({ dir, now: () => 0 });
  const again = openMeter(second);
  expect(again.snapshot()).toEqual({ counters, gauges: [] });
  again.count('f', 'delivered');
  expect(again.snapshot().counters[1]?.value).toBe(43);
  await again.close();
  second.close();
  rmSync(dir, { recursive: true });
});
