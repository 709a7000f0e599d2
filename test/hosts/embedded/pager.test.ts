import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Alert } from '../../../shared/engine/health.ts';
import {
  noPages,
  type OpenPages,
  type PageEvent,
  pageText,
  pageTransitions,
  REMIND_AFTER,
  startPager,
} from '../../../shared/hosts/embedded/pager.ts';

function alert(key: string, severity: Alert['severity'] = 'page'): Alert {
  return {
    key,
    flow: 'orders',
    severity,
    title: `trouble ${key}`,
    text: 'Impact: orders wait\nFirst: status',
    since: 1_000,
  };
}

const kinds = (events: readonly PageEvent[]) => events.map((event) => `${event.kind} ${event.alert.key}`);

describe('transitions', () => {
  test('an alert pages once, reminds after four hours and closes', () => {
    let open: OpenPages = noPages;
    const look = (alerts: Alert[], now: number) => {
      const next = pageTransitions(open, alerts, now);
      open = next.open;
      return kinds(next.events);
    };
    expect(look([alert('a')], 0)).toEqual(['opened a']);
    expect(look([alert('a')], REMIND_AFTER - 1)).toEqual([]);
    expect(look([alert('a')], REMIND_AFTER)).toEqual(['reminder a']);
    expect(look([alert('a')], 2 * REMIND_AFTER - 1)).toEqual([]);
    expect(look([], 2 * REMIND_AFTER)).toEqual(['closed a']);
    expect(look([alert('a')], 2 * REMIND_AFTER + 1)).toEqual(['opened a']);
  });

  test('a notice is told once and neither reminds nor closes', () => {
    const first = pageTransitions(noPages, [alert('n', 'notice')], 0);
    expect(kinds(first.events)).toEqual(['opened n']);
    expect(pageTransitions(first.open, [alert('n', 'notice')], REMIND_AFTER).events).toEqual([]);
    expect(pageTransitions(first.open, [], 1).events).toEqual([]);
  });

  test('what is open is what was last seen, and every change of it was told', () => {
    const looks = fc.array(fc.uniqueArray(fc.constantFrom('a', 'b', 'c')), { maxLength: 12 });
    fc.assert(
      fc.property(looks, (sets) => {
        let open: OpenPages = noPages;
        const told = new Set<string>();
        for (const [now, keys] of sets.entries()) {
          const next = pageTransitions(
            open,
            keys.map((key) => alert(key)),
            now,
          );
          for (const event of next.events) {
            if (event.kind === 'opened') told.add(event.alert.key);
            if (event.kind === 'closed') told.delete(event.alert.key);
          }
          open = next.open;
          expect([...open.keys()].sort()).toEqual([...keys].sort());
          expect([...told].sort()).toEqual([...keys].sort());
        }
      }),
    );
  });
});

test('the block on the terminal has title, moment, impact and first command', () => {
  const text = pageText({ kind: 'opened', alert: alert('a'), at: 0 });
  expect(text.split('\n')).toEqual([
    'PAGE    trouble a',
    '        since 1970-01-01T00:00:01Z',
    '        Impact: orders wait',
    '        First: status',
  ]);
});

test('a page that could not be sent is sent at the next look, and shown once', async () => {
  const said: string[] = [];
  const sent: string[] = [];
  let reachable = false;
  const pager = startPager({
    say: (text) => void said.push(text),
    post: async (event) => {
      if (!reachable) throw new Error('no network');
      sent.push(event.alert.key);
    },
  });
  await pager.tell([alert('a')], 0);
  expect(sent).toEqual([]);
  reachable = true;
  await pager.tell([alert('a')], 1);
  expect(sent).toEqual(['a']);
  expect(said).toHaveLength(1);
  expect(pager.open()).toHaveLength(1);
});
