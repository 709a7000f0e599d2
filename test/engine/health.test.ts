import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flows } from '../../functions/flows.ts';
import { type AccountState, newAccountState } from '../../shared/engine/account-state.ts';
import { defineFlow, type Flow } from '../../shared/engine/flow.ts';
import { type Alert, alertsOf, type FlowHealth, gatherHealth } from '../../shared/engine/health.ts';
import { scan } from '../../shared/engine/scan.ts';
import { type Town, town } from './town.ts';

const NOW = 1_700_000_000_000;
const MINUTE = 60_000;
const { flow } = town();

const well: FlowHealth = {
  at: NOW,
  depth: {},
  deadLetters: 0,
  parked: { count: 0 },
  newParkings: 0,
  oldestUnfinished: undefined,
  heartbeat: NOW,
  state: undefined,
  accounts: [],
};

function account(more: Partial<AccountState>): FlowHealth['accounts'] {
  return [{ account: 'there/main', state: { ...newAccountState(NOW), ...more } }];
}

const open = (openedAt: number) => ({ breaker: { failures: 5, pauses: 1, openUntil: NOW + 1, openedAt } });
const held = (kind: 'contract' | 'mass-change'): FlowHealth['state'] => ({
  version: 1,
  hold: { kind, reason: 'too many', since: NOW - 5, probeAt: NOW + 5, deployment: 'd1' },
});
const accountHeld = {
  held: { reason: 'refresh refused', since: NOW - 9, mend: 'npm run intertie -- connect there' },
};

const ALARMS: [
  string,
  Partial<FlowHealth>,
  Pick<Alert, 'key' | 'severity' | 'since'> & { first: string; title: string },
][] = [
  [
    'a dead letter',
    { deadLetters: 1, parked: { count: 1, oldestSince: NOW - 7 } },
    {
      key: 'dead-letters',
      severity: 'page',
      since: NOW - 7,
      first: 'npm run intertie -- parked test-flow',
      title: '1 record in',
    },
  ],
  [
    'dead letters that no link knows',
    { deadLetters: 2 },
    {
      key: 'dead-letters',
      severity: 'page',
      since: NOW,
      first: 'npm run intertie -- parked test-flow',
      title: '2 records in',
    },
  ],
  [
    'new parkings',
    { newParkings: 3 },
    {
      key: 'new-parkings',
      severity: 'notice',
      since: NOW,
      first: 'npm run intertie -- parked test-flow',
      title: '3 newly parked',
    },
  ],
  [
    'a record that is unfinished for too long',
    { oldestUnfinished: NOW - 30 * MINUTE - 1 },
    {
      key: 'oldest',
      severity: 'page',
      since: NOW - 1,
      first: 'npm run intertie -- status',
      title: 'unfinished for 30 min',
    },
  ],
  [
    'a scan that is late',
    { heartbeat: NOW - 15 * MINUTE - 1 },
    {
      key: 'heartbeat',
      severity: 'page',
      since: NOW - 1,
      first: 'npm run intertie -- scan test-flow',
      title: 'for 15 min',
    },
  ],
  [
    'a scan that is very late',
    { heartbeat: NOW - 300 * MINUTE },
    {
      key: 'heartbeat',
      severity: 'page',
      since: NOW - 285 * MINUTE,
      first: 'npm run intertie -- scan',
      title: 'for 5 h',
    },
  ],
  [
    'a changed contract',
    { state: held('contract') },
    {
      key: 'held-contract',
      severity: 'page',
      since: NOW - 5,
      first: 'fix the connector or the mapping and deploy, or npm run intertie -- release test-flow',
      title: 'held: too many',
    },
  ],
  [
    'a mass change',
    { state: held('mass-change') },
    {
      key: 'held-mass-change',
      severity: 'page',
      since: NOW - 5,
      first: 'npm run intertie -- approve test-flow',
      title: 'held: too many',
    },
  ],
  [
    'a held account',
    { accounts: account(accountHeld) },
    {
      key: 'account-there/main',
      severity: 'page',
      since: NOW - 9,
      first: 'npm run intertie -- connect there',
      title: 'refresh refused',
    },
  ],
  [
    'an outage',
    { accounts: account(open(NOW - MINUTE - 1)) },
    {
      key: 'outage-there/main',
      severity: 'page',
      since: NOW - MINUTE - 1,
      first: 'npm run intertie -- status',
      title: 'nothing is lost',
    },
  ],
];

describe('alertsOf', () => {
  test.each(ALARMS)(
    'tells of %s: impact, owner, first command, runbook',
    (_what, ill, { key, first, title, ...rest }) => {
      const alerts = alertsOf(flow, { ...well, ...ill });
      expect(alerts).toEqual([
        expect.objectContaining({ key: `test-flow/${key}`, flow: 'test-flow', ...rest }),
      ]);
      const [alert] = alerts;
      expect(alert?.title).toContain('People to rows: ');
      expect(alert?.title).toContain(title);
      const lines = alert?.text.split('\n') ?? [];
      expect(lines[0]).toBe('Impact: Nobody is told.');
      expect(lines[1]).toBe('Owner: Tests');
      expect(lines[2]).toContain(`First: ${first}`);
      expect(lines[3]).toBe('Runbook: functions/README.md');
      expect(lines).toHaveLength(4);
    },
  );

  test.each<[string, Partial<FlowHealth>]>([
    ['nothing is wrong', {}],
    ['the oldest is just young enough', { oldestUnfinished: NOW - 30 * MINUTE }],
    ['the scan is just in time', { heartbeat: NOW - 15 * MINUTE }],
    ['nothing is known of scans', { heartbeat: undefined }],
    ['an operator has paused it', { state: { version: 1, paused: { reason: 'works', since: 1 } } }],
    ['an account is well', { accounts: account({}) }],
    ['a breaker has been open for a minute', { accounts: account(open(NOW - MINUTE)) }],
    [
      'a breaker is closed again',
      { accounts: account({ breaker: { failures: 0, pauses: 0, healedAt: NOW } }) },
    ],
  ])('is silent when %s', (_what, health) => {
    expect(alertsOf(flow, { ...well, ...health })).toEqual([]);
  });

  test('each trouble has a key of its own, which stays the same while it lasts', () => {
    const pair: FlowHealth['accounts'] = [
      { account: 'here/main', state: { ...newAccountState(NOW), ...accountHeld } },
      ...account({ ...accountHeld, ...open(NOW - 2 * MINUTE) }),
    ];
    const all: FlowHealth = {
      ...well,
      deadLetters: 2,
      newParkings: 1,
      oldestUnfinished: 0,
      heartbeat: 0,
      state: held('contract'),
      accounts: pair,
    };
    const keys = alertsOf(flow, all).map(({ key }) => key);
    expect(keys).toHaveLength(8);
    expect(new Set(keys).size).toBe(8);
    expect(alertsOf(flow, { ...all, at: NOW + 9 * MINUTE, deadLetters: 5 }).map(({ key }) => key)).toEqual(
      keys,
    );
  });

  const everything = (ill: number, since: number): FlowHealth => ({
    ...well,
    deadLetters: ill,
    newParkings: ill,
    oldestUnfinished: NOW - since,
    heartbeat: NOW - since,
    state: held('mass-change'),
    accounts: account({ ...accountHeld, ...open(NOW - since) }),
  });

  test('every text of every flow that ships fits the 1,024 characters of an alarm', () => {
    for (const each of flows)
      for (const { text } of alertsOf(each, everything(9_999_999, 10 ** 12)))
        expect(text.length).toBeLessThanOrEqual(1_024);
  });

  test('and of any flow that can be defined', () => {
    const words = (most: number) => fc.stringMatching(new RegExp(`^[a-z][a-z ]{0,${most - 1}}$`));
    const defined: fc.Arbitrary<Flow> = fc
      .record({
        impact: words(400),
        owner: words(60),
        runbook: words(100),
        name: fc.stringMatching(/^[a-z][a-z0-9-]{1,39}$/),
      })
      .map(({ impact, owner, runbook, name }) =>
        defineFlow({
          ...flow,
          name,
          whenItBreaks: { ...flow.whenItBreaks, impact },
          whoIsPaged: { ...flow.whoIsPaged, owner },
          whereToLook: { runbook },
        }),
      );
    fc.assert(
      fc.property(
        defined,
        fc.integer({ min: 1 }),
        fc.integer({ min: 2 * MINUTE, max: NOW }),
        (each, ill, since) => {
          for (const { text, flow: name } of alertsOf(each, everything(ill, since))) {
            expect(text.length).toBeLessThanOrEqual(1_024);
            expect(text).toContain(
              `Impact: ${each.whenItBreaks.impact}\nOwner: ${each.whoIsPaged.owner}\nFirst: `,
            );
            expect(text.endsWith(`\nRunbook: ${each.whereToLook.runbook}`)).toBe(true);
            expect(name).toBe(each.name);
          }
        },
      ),
    );
  });
});

describe('gatherHealth', () => {
  const gather = (t: Town, startedAt: number) =>
    gatherHealth(t.engine, t.flow, { newParkings: 4, oldestUnfinished: 7, startedAt });

  test('looks at the queues, the links, the accounts and what only the host knows', async () => {
    const t = town();
    await t.hint(['1', '2']);
    await t.engine
      .account({ vendor: 'there', name: 'main', limits: () => ({}) })
      .observe({ dailyRemaining: 1, dailyLimit: 9 });
    const health = await gather(t, t.clock.now());
    expect(health).toMatchObject({
      at: t.clock.now(),
      depth: { live: { visible: 1 }, bulk: { visible: 0 } },
      deadLetters: 0,
      parked: { count: 0 },
      newParkings: 4,
      oldestUnfinished: 7,
      state: undefined,
    });
    expect(health.accounts.map((each) => each.account)).toEqual(['there/main']);
  });

  test('the last finished scan counts, unless the host has begun since', async () => {
    const t = town();
    const began = t.clock.now();
    await t.clock.advance(MINUTE);
    expect((await t.during(scan(t.engine, t.flow, 'people', t.work()))).finished).toBe(true);
    const scanned = t.clock.now();
    await t.clock.advance(60 * MINUTE);
    expect((await gather(t, began)).heartbeat).toBe(scanned);
    expect((await gather(t, t.clock.now())).heartbeat).toBe(t.clock.now());
  });

  test('a host that has just begun is not late, whatever was before', async () => {
    const t = town();
    const began = t.clock.now() - 20 * MINUTE;
    expect((await gather(t, began)).heartbeat).toBe(began);
    expect(
      alertsOf(t.flow, {
        ...well,
        ...(await gather(t, began)),
        newParkings: 0,
        oldestUnfinished: undefined,
      }).map(({ key }) => key),
    ).toEqual(['test-flow/heartbeat']);
    expect((await gather(t, t.clock.now())).heartbeat).toBe(t.clock.now());
  });
});
