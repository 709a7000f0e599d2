import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  afterCall,
  type Circuit,
  closedCircuit,
  restsUntil,
  takeProbe,
} from '../../../functions/payments/circuit.ts';
import { START } from './builders.ts';

function heard(circuit: Circuit, outcomes: readonly boolean[], at = START): Circuit {
  return outcomes.reduce((current, ok, index) => afterCall(current, ok, at + index) ?? current, circuit);
}

describe('a circuit', () => {
  test('opens when half of at least five calls within half a minute have failed', () => {
    expect(restsUntil(heard(closedCircuit, [false, false, false, false]), START)).toBeUndefined();
    expect(restsUntil(heard(closedCircuit, [false, false, true, true, false]), START)).toBe(START + 30_004);
    const slowly = [0, 20, 40, 60, 80].reduce(
      (circuit, second) => afterCall(circuit, false, START + second * 1_000) ?? circuit,
      closedCircuit,
    );
    expect(restsUntil(slowly, START + 80_000)).toBeUndefined();
  });

  test('lets one probe through, closes when that is answered, and waits twice as long when it is not', () => {
    const open = heard(closedCircuit, [false, false, false, false, false]);
    expect(takeProbe(open, START + 10_000)).toBeUndefined();
    const probing = takeProbe(open, START + 31_000);
    expect(probing && takeProbe(probing, START + 31_001)).toBeUndefined();
    expect(probing && afterCall(probing, true, START + 32_000)).toEqual(closedCircuit);
    const again = probing && afterCall(probing, false, START + 32_000);
    expect(again && restsUntil(again, START + 32_000)).toBe(START + 92_000);
  });

  test('remembers nothing while all is well', () => {
    expect(afterCall(closedCircuit, true, START)).toBeUndefined();
  });

  test('obeys an operator, whatever the outcomes', () => {
    const open: Circuit = { ...closedCircuit, forced: 'open' };
    expect(restsUntil(open, START)).toBeGreaterThan(START);
    const closed: Circuit = {
      ...heard(closedCircuit, [false, false, false, false, false]),
      forced: 'closed',
    };
    expect(restsUntil(closed, START)).toBeUndefined();
  });

  test('is never shut for good, and never longer than five minutes', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 80 }), (outcomes) => {
        let at = START;
        let circuit: Circuit = closedCircuit;
        for (const ok of outcomes) {
          const rest = restsUntil(circuit, at);
          expect((rest ?? at) - at).toBeLessThanOrEqual(300_000);
          at = (rest ?? at) + 1_000;
          circuit = takeProbe(circuit, at) ?? circuit;
          circuit = afterCall(circuit, ok, at) ?? circuit;
        }
      }),
    );
  });
});
