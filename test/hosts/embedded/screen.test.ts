import { expect, test } from 'vitest';
import { openScreen } from '../../../shared/hosts/embedded/screen.ts';

test('where there is no terminal, a line for each tenth', () => {
  let text = '';
  const screen = openScreen({
    write: (more) => {
      text += more;
    },
  });
  for (let done = 0; done <= 40; done += 1) screen.progress('backfill', { done, total: 40 });
  screen.progressEnds();
  screen.say('ready');
  const lines = text.trim().split('\n');
  expect(lines).toHaveLength(12);
  expect([lines[0], lines[10], lines[11]]).toEqual(['backfill: 0 of 40', 'backfill: 40 of 40', 'ready']);
});
