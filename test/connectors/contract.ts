import { existsSync } from 'node:fs';
import type { ServerType } from '@hono/node-server';
import { serve } from '@hono/node-server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Connector, Lacking } from '../../shared/connectors/connector.ts';
import type { Sandbox } from '../../shared/connectors/sandbox.ts';
import type { FaultKind } from '../../shared/engine/fault.ts';
import { Fault } from '../../shared/engine/fault.ts';
import type { Session } from '../../shared/engine/session.ts';
import type { SourceUnderTest } from './contract-source.ts';
import { describeSource } from './contract-source.ts';
import type { TargetUnderTest } from './contract-target.ts';
import { describeTarget } from './contract-target.ts';
import type { TestSession } from './session.ts';
import { testSession } from './session.ts';

/** The file names that every connector's folder has. */
export const CONNECTOR_FILES = [
  'index.ts',
  'schema.ts',
  'auth.ts',
  'client.ts',
  'faults.ts',
  'webhook.ts',
  'limits.ts',
  'sandbox.ts',
  'README.md',
] as const;

/** Fault switches by the names that all sandboxes share; a vendor that cannot show one says why in `lacks`. */
export const SHARED_FAULTS = [
  'outage',
  'reply-lost',
  'slow',
  'token-revoked',
  'field-removed',
  'rate-limit-burst',
] as const;
export type SharedFault = (typeof SHARED_FAULTS)[number];

/** A sandbox that listens on a port of its own. */
export interface Running {
  readonly baseUrl: string;
  /** As `sandbox.state(baseUrl).secret`. */
  readonly secret: Readonly<Record<string, unknown>>;
  readonly sandbox: Sandbox;
  stop(): Promise<void>;
}

export interface ConnectorUnderTest {
  /** The folder's name under shared/connectors. */
  name: string;
  connector: Connector;
  /** A fresh sandbox for every test; `serveSandbox(...)` does it. */
  start(): Promise<Running>;
  /** The same secret with credentials that the vendor refuses. */
  wrongCredentials(secret: Readonly<Record<string, unknown>>): unknown;
  /** Reads some records in bulk, as a flow does. */
  read(session: Session): Promise<unknown>;
  /** Writes something, as a flow does. */
  write: Lacking | ((session: Session) => Promise<unknown>);
  /** What a `field-removed` fault must name. */
  removedField: string;
  lacks?: Partial<Record<SharedFault, Lacking>>;
  source?: SourceUnderTest;
  target?: TargetUnderTest;
}

/** Listens on 127.0.0.1 with a free port. */
export async function serveSandbox(sandbox: Sandbox): Promise<Running> {
  let server: ServerType | undefined;
  const port = await new Promise<number>((resolve) => {
    server = serve({ fetch: sandbox.app.fetch, hostname: '127.0.0.1', port: 0 }, (info) =>
      resolve(info.port),
    );
  });
  const baseUrl = `http://127.0.0.1:${port}`;
  const stop = () =>
    new Promise<void>((resolve) => {
      server?.close(() => resolve());
      if (server && 'closeAllConnections' in server) server.closeAllConnections();
    });
  return { baseUrl, secret: sandbox.state(baseUrl).secret, sandbox, stop };
}

/** The fault a piece of work ends with: thrown, or the first one inside a map of results. */
export async function faultOf(work: Promise<unknown>): Promise<Fault | undefined> {
  try {
    const result = await work;
    return result instanceof Map ? [...result.values()].map(faultInside).find(Boolean) : undefined;
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown;
    throw thrown;
  }
}

function faultInside(value: unknown): Fault | undefined {
  if (typeof value !== 'object' || value === null || !('fault' in value)) return undefined;
  return value.fault instanceof Fault ? value.fault : undefined;
}

/** What every connector must do against its own sandbox over real HTTP. */
export function describeConnector(subject: ConnectorUnderTest): void {
  describe(`${subject.name} keeps the connector contract`, () => {
    let running: Running;
    beforeEach(async () => {
      running = await subject.start();
    });
    afterEach(async () => {
      await running.stop();
    });
    const session = (secret: unknown = running.secret, timeout = 5_000): TestSession =>
      testSession({ account: `${subject.name}/main`, secret, timeout });

    describeForm(subject, () => running);
    describeFaults(subject, () => running, session);
    if (subject.source) describeSource(subject.source, () => running, session);
    if (subject.target) describeTarget(subject.target, session);
  });
}

function describeForm(
  { name, connector, wrongCredentials }: ConnectorUnderTest,
  running: () => Running,
): void {
  test.each(CONNECTOR_FILES)('the folder has %s', (file) => {
    expect(existsSync(new URL(`../../shared/connectors/${name}/${file}`, import.meta.url))).toBe(true);
  });

  test('the vendor name is the folder', () => {
    expect(connector.vendor).toBe(name);
  });

  test('the secret of the sandbox fits the schema, and an unknown field is named', () => {
    const { secret } = running();
    expect(connector.secret.safeParse(secret).success).toBe(true);
    const parsed = connector.secret.safeParse({ ...secret, baseURL: 'https://example.test' });
    expect(parsed.success).toBe(false);
    expect(JSON.stringify(parsed.error?.issues)).toContain('baseURL');
  });

  test('plain http is accepted for this machine only', () => {
    const secret = { ...running().secret, baseUrl: 'http://example.test' };
    const parsed = connector.secret.safeParse(secret);
    expect(parsed.error?.issues[0]?.path).toEqual(['baseUrl']);
  });

  test('wrong credentials end in a fault that says how to mend it, without naming them', async () => {
    const secret = wrongCredentials(running().secret);
    const fault = await faultOf(connector.check(testSession({ account: `${name}/main`, secret })));
    expect(fault?.kind).toBe('auth-expired');
    expect(fault?.mend).toContain(`npm run intertie -- connect ${name}`);
  });

  test('the sandbox tells its faults and refuses a name it does not know', () => {
    const { sandbox, baseUrl } = running();
    const state = sandbox.state(baseUrl);
    expect(state.vendor).toBe(name);
    expect(state.faults.every((each) => !each.on && each.does.length > 10)).toBe(true);
    expect(() => sandbox.setFaults({ 'no-such-fault': true })).toThrow(state.faults[0]?.name);
    expect(sandbox.state(baseUrl).faults.some((each) => each.on)).toBe(false);
  });
}

type MakeSession = (secret?: unknown, timeout?: number) => TestSession;

function describeFaults(subject: ConnectorUnderTest, running: () => Running, session: MakeSession): void {
  const { connector, read, write } = subject;
  const lacks = (fault: SharedFault) => subject.lacks?.[fault] !== undefined;
  const on = (fault: SharedFault) => running().sandbox.setFaults({ [fault]: true });
  const expectKind = async (work: Promise<unknown>, kinds: readonly FaultKind[]) => {
    const fault = await faultOf(work);
    expect(kinds).toContain(fault?.kind);
    expect(fault?.vendor).toBe(connector.vendor);
    return fault;
  };

  test('check and read succeed without faults', async () => {
    expect(await connector.check(session())).toMatch(/^[^\n]{5,200}$/);
    expect(await faultOf(read(session()))).toBeUndefined();
  });

  test.each(SHARED_FAULTS.filter((each) => !lacks(each)))('the sandbox has the switch %s', (name) => {
    expect(
      running()
        .sandbox.state(running().baseUrl)
        .faults.map((each) => each.name),
    ).toContain(name);
  });

  test.skipIf(lacks('outage'))('an outage is unavailable to a read, and passes', async () => {
    on('outage');
    await expectKind(read(session()), ['unavailable']);
    await expectKind(connector.check(session()), ['unavailable']);
    running().sandbox.setFaults({ outage: false });
    expect(await faultOf(read(session()))).toBeUndefined();
  });

  test('a port where nobody listens is unavailable, also to a write', async () => {
    const secret = { ...running().secret, baseUrl: 'http://127.0.0.1:9' };
    await expectKind(read(session(secret)), ['unavailable']);
    if (typeof write === 'function') await expectKind(write(session(secret)), ['unavailable']);
  });

  test.skipIf(lacks('slow'))(
    'no answer in time is unavailable to a read and unknown to a write',
    async () => {
      on('slow');
      await expectKind(read(session(undefined, 100)), ['unavailable']);
      if (typeof write === 'function') await expectKind(write(session(undefined, 100)), ['unknown-outcome']);
    },
  );

  test.skipIf(lacks('token-revoked'))(
    'revoked credentials hold the account and name the command',
    async () => {
      on('token-revoked');
      const fault = await expectKind(read(session()), ['auth-expired']);
      expect(fault?.mend).toContain(`connect ${subject.name}`);
    },
  );

  test.skipIf(lacks('field-removed'))('a reply without a used field is a changed contract', async () => {
    on('field-removed');
    const fault = await expectKind(read(session()), ['contract-changed', 'rejected']);
    expect(fault?.field).toContain(subject.removedField);
    expect(fault?.message).toContain(subject.removedField);
  });

  test.skipIf(lacks('rate-limit-burst'))('too many calls say how long to wait', async () => {
    on('rate-limit-burst');
    const fault = await expectKind(read(session()), ['rate-limited']);
    expect(fault?.retryAfter).toBeGreaterThan(0);
  });

  test.skipIf(lacks('reply-lost') || typeof write !== 'function')(
    'a lost reply is an unknown outcome',
    async () => {
      if (typeof write !== 'function') return;
      on('reply-lost');
      await expectKind(write(session()), ['unknown-outcome']);
      running().sandbox.setFaults({ 'reply-lost': false });
      expect(await faultOf(write(session()))).toBeUndefined();
    },
  );
}
