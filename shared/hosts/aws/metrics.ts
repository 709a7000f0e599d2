/** Where our own metrics lie in CloudWatch. */
export const NAMESPACE = 'Intertie';

export interface Metric {
  /** Its name in CloudWatch, with dimensions `Stage` and `Flow`. */
  name: string;
  unit: 'Count' | 'Seconds';
  /** How CloudWatch puts several values of a period together. */
  statistic: 'Sum' | 'Maximum';
  /** For people who read a dashboard. */
  means: string;
}

/**
 * Every metric that this host publishes; alarms and dashboard read this table and no other. Each is a single
 * number that needs no arithmetic, because what it says is worked out here.
 */
export const METRICS = {
  deadLetters: {
    name: 'DeadLetters',
    unit: 'Count',
    statistic: 'Maximum',
    means: 'records in the dead-letter queue, looked at every minute',
  },
  newParkings: {
    name: 'NewParkings',
    unit: 'Count',
    statistic: 'Sum',
    means: 'records parked just now: an alarm that is red already does not page for them',
  },
  parked: {
    name: 'Parked',
    unit: 'Count',
    statistic: 'Maximum',
    means: 'records that wait for a person',
  },
  parkedAge: {
    name: 'ParkedAge',
    unit: 'Seconds',
    statistic: 'Maximum',
    means: 'for how long the oldest of them has waited',
  },
  oldestUnfinished: {
    name: 'OldestUnfinished',
    unit: 'Seconds',
    statistic: 'Maximum',
    means: 'age of the oldest record that was tried and put off, since its first hint',
  },
  heartbeatAge: {
    name: 'HeartbeatAge',
    unit: 'Seconds',
    statistic: 'Maximum',
    means: 'time since a scan last finished; missing when no function runs',
  },
  accountsHeld: {
    name: 'AccountsHeld',
    unit: 'Count',
    statistic: 'Maximum',
    means: 'vendor accounts that wait for new credentials',
  },
  accountsDown: {
    name: 'AccountsDown',
    unit: 'Count',
    statistic: 'Maximum',
    means: 'vendor accounts that have not answered for over a minute; records wait, nothing is lost',
  },
  flowHeld: {
    name: 'FlowHeld',
    unit: 'Count',
    statistic: 'Maximum',
    means: '1 while the flow is held: its contract changed, or it would change too much at once',
  },
  delivered: {
    name: 'Delivered',
    unit: 'Count',
    statistic: 'Sum',
    means: 'records brought to what they should be (created, adopted, updated, removed)',
  },
  forgedWebhooks: {
    name: 'ForgedWebhooks',
    unit: 'Count',
    statistic: 'Sum',
    means: 'webhooks refused for a missing, wrong or stale signature',
  },
  unreadableMessages: {
    name: 'UnreadableMessages',
    unit: 'Count',
    statistic: 'Sum',
    means: 'messages of a version or flow that this code does not know; they stay on the queue',
  },
} as const satisfies Record<string, Metric>;
export type MetricKey = keyof typeof METRICS;
