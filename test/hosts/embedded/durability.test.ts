import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { parseChangeEvent } from '../../../shared/engine/change-event.ts';
import type { Link } from '../../../shared/engine/ports.ts';
import { links } from '../../../shared/hosts/embedded/links.ts';
import { queue } from '../../../shared/hosts/embedded/queue.ts';
import { openStore } from '../../../shared/hosts/embedded/store.ts';
import { seededRandom } from '../../support/memory/clock.ts';
import { key, LIVE, T0 } from '../contract/host.ts';

const CHILD = join(import.meta.dirname, 'durability-child.ts');

/** Kills the child without warning once it has printed so many lines; every line it printed. */
async function runAndKill(dir: string, round: number, afterLines: number): Promise<string[]> {
  const child = spawn(process.execPath, [CHILD, dir, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === afterLines) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
  return lines;
}

test('what was acknowledged is there after kill -9, at any moment', { timeout: 60_000 }, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'intertie-kill-'));
  const random = seededRandom(7);
  const sent = new Set<string>();
  for (const round of [1, 2, 3, 4]) {
    const printed = await runAndKill(dir, round, 1 + Math.floor(random.next() * 2_000));
    const ids = (word: string) =>
      printed.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []));
    for (const id of ids('sent')) sent.add(id);

    const store = openStore({ dir, now: () => T0 });
    const stored = await queue(store).receive(LIVE, 1_000_000, 0);
    const there = new Set(stored.map((each) => parseChangeEvent(each.body)?.trace));
    expect([...sent].filter((id) => !there.has(id))).toEqual([]);
    const settled = await links(store).read(ids('settled').map((id) => key(id)));
    expect(settled.filter((link) => link?.body?.targetId !== link?.key.id)).toEqual([]);
    const claimed = await links(store).read(ids('claimed').map((id) => key(id)));
    const known = (link: Link | undefined) => link?.lease !== undefined || link?.body !== undefined;
    expect(claimed.every(known)).toBe(true);
    store.close();
  }
  rmSync(dir, { recursive: true });
});
