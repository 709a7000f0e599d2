import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { paymentsDesk } from '../../../../functions/payments/desk/desk.ts';
import { COMMANDS } from '../../../../functions/payments/operate/operate.ts';
import { noteStrays } from '../../../../functions/payments/reconciliation/stray.ts';
import { payments } from '../../../../functions/payments/service.ts';
import { clientOver } from '../../../../shared/operate/client.ts';
import { serviceCommands } from '../../../../shared/operate/commands-service.ts';
import { type DeskWorld, startDesk } from '../operate/desk-world.ts';

/** The command line over a desk, without a port between them. */
function commandLine(desk: DeskWorld) {
  return async (...argv: string[]): Promise<string> => {
    let out = '';
    const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
    const client = clientOver({
      name: 'desk',
      check: 'nothing',
      send: async (path, { body }) => {
        const command = path.split('/').at(-1) ?? '';
        const input = JSON.parse(String(body));
        return Response.json(await desk.service.operate(command, input, desk.work()));
      },
    });
    serviceCommands(
      {
        ...{ program, services: ['payments'], client: () => client },
        surroundings: { out: (text) => (out += text), err: () => undefined, terminal: false, sleep: never },
        ...{ place: () => ({ url: '' }), exitWith: () => undefined, failsWith: () => undefined },
      },
      paymentsDesk,
    );
    await program.parseAsync(['payments', ...argv], { from: 'user' });
    return out;
  };
}
const never = () => Promise.reject(new Error('nobody waits'));

describe('what operators type', () => {
  test.each(payments.gauges.map(({ first }) => first))(
    '"%s", which an alarm names, is a command',
    async (first) => {
      await using desk = await startDesk();
      const [service, ...argv] = first.split(' ');
      expect(service).toBe('payments');
      expect((await commandLine(desk)(...argv)).length).toBeGreaterThan(3);
    },
  );

  test('reaches every command of the service', () => {
    const typed = { args: ['a', 'b'], options: {} };
    const reached = new Set(paymentsDesk.commands.map((each) => each.ask(typed).command));
    expect([...reached].sort()).toEqual(Object.keys(COMMANDS).sort());
  });

  test('is answered in tables that are aligned', async () => {
    await using desk = await startDesk();
    const intertie = commandLine(desk);
    const made = await intertie('key', 'create', 'club', '--title', 'the shop', '--scopes', 'read');
    expect(made).toMatch(/may read; it is shown only now:\nitk_/);
    const id = await desk.pay({ reference: 'order-77' });
    const [head = '', line = ''] = (await intertie('list', '--last', '5')).split('\n');
    expect(line.indexOf('order-77')).toBe(head.indexOf('reference'));
    const shown = await intertie('show', 'order-77');
    expect(shown).toContain(`${id}: captured`);
    expect(shown).toMatch(/timeline\n {2}when +who +what\n/);
    expect(await intertie('list', '--status', 'unknown')).toBe('no payment fits\n');
    expect(JSON.parse(await intertie('list', '--json'))).toMatchObject({ items: [{ id }], cut: false });
  });

  test('steers providers, events and books', async () => {
    await using desk = await startDesk();
    const intertie = commandLine(desk);
    expect(await intertie('circuit', 'stripe', 'open', '--reason', 'their status page')).toContain(
      'LEFT ALONE (all calls)',
    );
    expect(await intertie('providers')).toMatch(/forced .*: their status page/);
    expect(await intertie('circuit', 'stripe', 'none', '--reason', 'it is over')).toContain('stripe: called');
    expect(await intertie('endpoint', 'set', 'club', 'https://club.example/hooks')).toMatch(/\nwhsec_/);
    expect(await intertie('endpoint', 'show')).toContain('https://club.example/hooks');
    expect(await intertie('endpoint', 'rotate', 'club', '--hours', '1')).toContain('the old one signs until');
    expect(await intertie('endpoint', 'remove', 'club')).toContain('nothing is posted for club');
    expect(await intertie('events', 'undelivered')).toContain('every event has been delivered');
    expect(await intertie('events', 'replay', 'club', '--undelivered')).toBe('0 events are on the way\n');
    expect(await intertie('reconcile', '2026-11-23', '--merchant', 'club')).toContain(
      'club stripe.2026-11-23 is being made',
    );
    await desk.pass(60_000);
    expect(await intertie('reconciliations')).toContain('stripe.2026-11-23');
    expect(await intertie('reconciliation', 'club', 'stripe.2026-11-23')).toContain('0 findings');
    expect(await intertie('reconciliation-csv', 'club', 'stripe.2026-11-23')).toMatch(/^kind,of,at/);
    expect(await intertie('disputes')).toContain('nobody has contested');
    expect(await intertie('merchants')).toContain('Other club');
    expect(await intertie('journal')).toContain('endpoint removed');
  });

  test('settles stray money', async () => {
    await using desk = await startDesk();
    const at = desk.clock.now();
    await noteStrays(desk.ports.documents, [
      {
        ...{ kind: 'orphan-at-provider', provider: 'stripe', id: 'pi_9', minor: 4_711, currency: 'EUR' },
        ...{ at, notedAt: at, says: 'the provider took money' },
      },
    ]);
    const intertie = commandLine(desk);
    expect(await intertie('stray')).toContain('payments settle stripe pi_9 --reason');
    const settled = await intertie('settle', 'stripe', 'pi_9', '--reason', 'a test charge', '--by', 'Jo');
    expect(settled).toBe('stripe pi_9 is settled: a test charge\n');
    expect(await intertie('stray')).toContain('every payment at a provider is explained');
  });
});
