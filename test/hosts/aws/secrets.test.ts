import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { openEngine } from '../../../shared/engine/engine.ts';
import { openSession } from '../../../shared/engine/session-open.ts';
import { renewing } from '../../../shared/hosts/aws/host.ts';
import { secrets } from '../../../shared/hosts/aws/secrets.ts';
import { membersPayroll } from '../../functions/example-flow.ts';
import { LOCAL } from '../../support/aws/dynamodb.ts';
import { type FakeSecretsManager, startSecretsManager } from '../../support/aws/secrets-manager.ts';
import { virtualClock } from '../../support/memory/clock.ts';
import { memoryPorts } from '../../support/memory/ports.ts';

const NAME = 'rehearsals/main';
const TokenSchema = z.object({ token: z.string() });

describe('secrets', () => {
  let vault: FakeSecretsManager;
  let client: SecretsManagerClient;
  const clock = virtualClock();
  const opened = () => secrets({ client, clock, prefix: 'intertie/test/' });
  beforeEach(async () => {
    vault = await startSecretsManager();
    client = new SecretsManagerClient({ ...LOCAL, endpoint: vault.endpoint });
  });
  afterEach(async () => {
    client.destroy();
    await vault.close();
  });

  test('are asked for once a minute, and what was put elsewhere is seen by then', async () => {
    const mine = opened();
    vault.set(`intertie/test/${NAME}`, '{"token":"one"}');
    for (let at = 0; at < 100; at += 1) await mine.get(NAME);
    expect(vault.calls.get('GetSecretValue')).toBe(1);
    await opened().put(NAME, { token: 'two' });
    expect((await mine.get(NAME))?.value).toEqual({ token: 'one' });
    await clock.advance(60_000);
    expect((await mine.get(NAME))?.value).toEqual({ token: 'two' });
  });

  test('an empty one counts as none, and what is not JSON is handed on for the schema to refuse', async () => {
    expect(await opened().get(NAME)).toBeUndefined();
    vault.set(`intertie/test/${NAME}`, 'pasted badly');
    expect((await opened().get(NAME))?.value).toBe('pasted badly');
  });

  test('of two workers that must renew, one does: the other reads what it stored, not its own copy', async () => {
    vault.set(`intertie/test/${NAME}`, '{"token":"stale"}');
    const shared = memoryPorts({ clock });
    let renewals = 0;
    const worker = () => {
      const mine = opened();
      const ports = { ...shared, secrets: mine, documents: renewing(shared.documents, mine) };
      const engine = openEngine({ ports, flows: [membersPayroll], deployment: 'one' });
      const account = engine.account(membersPayroll.collections[0].source.account);
      const permit = { lane: 'live', probe: false, slot: undefined, deadline: clock.now() + 60_000 } as const;
      const work = {
        deadline: clock.now() + 60_000,
        signal: new AbortController().signal,
        background: () => undefined,
      };
      return openSession(engine, account, permit, work);
    };
    const renew = (session: ReturnType<typeof worker>) =>
      session.renewSecret(
        TokenSchema,
        ({ token }) => token === 'stale',
        async () => {
          renewals += 1;
          return { token: 'fresh' };
        },
      );
    const [first, second] = [worker(), worker()];
    await second.secret(TokenSchema);
    expect(await renew(first)).toEqual({ token: 'fresh' });
    expect(await renew(second)).toEqual({ token: 'fresh' });
    expect(renewals).toBe(1);
  });
});
