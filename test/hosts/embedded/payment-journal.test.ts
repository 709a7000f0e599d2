import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PaymentProvider } from '../../../shared/connectors/payment-provider.ts';
import { paypalProvider } from '../../../shared/connectors/paypal/index.ts';
import type { Sandbox } from '../../../shared/connectors/sandbox.ts';
import { squareProvider } from '../../../shared/connectors/square/index.ts';
import { stripeProvider } from '../../../shared/connectors/stripe/index.ts';
import type { Session } from '../../../shared/engine/session.ts';
import { listen } from '../../../shared/hosts/embedded/listen.ts';
import { applyControl } from '../../../shared/hosts/embedded/sandbox-control.ts';
import { openJournal, replayJournal } from '../../../shared/hosts/embedded/sandbox-journal.ts';
import { loadSandbox } from '../../../shared/hosts/embedded/sandbox-load.ts';
import { journaledFetch } from '../../../shared/hosts/embedded/sandbox-recorder.ts';
import { testSession } from '../../connectors/session.ts';

const HOUR = 3_600_000;
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'intertie-journal-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

interface Life {
  sandbox: Sandbox;
  session: Session;
  fault(name: string, on: boolean): void;
  end(): Promise<void>;
}

/** As the sandbox's process runs it, from what the journal says. */
async function live({ vendor, account }: PaymentProvider): Promise<Life> {
  const header = { vendor, seed: 1, size: 0 };
  const journal = openJournal(join(dir, `${vendor}.jsonl`), header);
  let then: number | undefined;
  const sleep = async () => {
    if (then === undefined) throw new Error('a repeated call takes no time');
  };
  const sandbox = await loadSandbox(vendor, { ...header, sleep, now: () => then ?? Date.now() });
  await replayJournal(sandbox, journal.past, (at) => {
    then = at;
  });
  then = undefined;
  const { port, close } = await listen({ fetch: journaledFetch(sandbox, journal) }, 0);
  const { secret } = sandbox.state(`http://127.0.0.1:${port}`);
  return {
    sandbox,
    session: testSession({ account: `${account.vendor}/${account.name}`, secret }),
    fault: (name, on) => {
      applyControl(sandbox, { faults: { [name]: on } });
      journal.append({ at: Date.now(), control: { faults: { [name]: on } } });
    },
    end: async () => {
      await close(0);
      journal.close();
    },
  };
}

const CASES = [
  { provider: stripeProvider('main'), good: 'pm_card_visa' },
  { provider: paypalProvider('main'), good: 'card:ok-1' },
  { provider: squareProvider('main'), good: 'cnon:card-nonce-ok' },
] as const;

const chargeOf = (reference: string, instrument: string) => ({
  ...{ key: `${reference}-authorise`, reference, instrument },
  amount: { minor: 5_000, currency: 'USD' },
});

async function hold({ session }: Life, provider: PaymentProvider, charge: ReturnType<typeof chargeOf>) {
  const prepared = await provider.prepare?.(session, { ...charge, key: `${charge.reference}-prepare` });
  const id = prepared?.kind === 'answered' ? prepared.shown.id : undefined;
  return provider.authorise(session, charge, id);
}

describe.each(CASES)('a restart of the sandbox of $provider.vendor', ({ provider, good }) => {
  test('keeps its payments under their ids, whatever was looked at or refused between', async () => {
    const first = await live(provider);
    await hold(first, provider, chargeOf('p.1', good));
    await provider
      .find(first.session, { reference: 'p.1', from: Date.now() - HOUR, to: Date.now() })
      .catch(() => 'its list is hours behind');
    await hold(first, provider, chargeOf('p.2', 'nobody-has-this'));
    await provider.read(first.session, 'nothing');
    const made = await hold(first, provider, chargeOf('p.3', good));
    await first.end();
    if (made.kind !== 'answered') throw new Error(`expected a hold, got ${JSON.stringify(made)}`);
    const second = await live(provider);
    expect(await provider.read(second.session, made.shown.id)).toMatchObject({
      kind: 'found',
      shown: { id: made.shown.id, standing: 'held' },
    });
    await second.end();
  });

  test('knows the keys of writes whose replies were lost: none is made twice', async () => {
    const first = await live(provider);
    const charge = chargeOf('p.1', good);
    const prepared = await provider.prepare?.(first.session, { ...charge, key: 'p.1-prepare' });
    const id = prepared?.kind === 'answered' ? prepared.shown.id : undefined;
    first.fault('reply-lost', true);
    expect((await provider.authorise(first.session, charge, id)).kind).toBe('unknown');
    first.fault('reply-lost', false);
    await first.end();
    const second = await live(provider);
    expect(await provider.authorise(second.session, charge, id)).toMatchObject({ kind: 'answered' });
    expect(second.sandbox.peek('books', 'p.1')).toMatchObject({ holds: 1, held: 1 });
    await second.end();
  });

  test('does not take the time that a slow vendor took', async () => {
    const first = await live(provider);
    first.fault('slow', true);
    const journal = openJournal(join(dir, `${provider.vendor}.jsonl`), {
      vendor: provider.vendor,
      seed: 1,
      size: 0,
    });
    expect(journal.past).toHaveLength(1);
    journal.close();
    await first.end();
    await (await live(provider)).end();
  });
});
