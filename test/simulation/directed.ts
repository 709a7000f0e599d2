import type { Weights } from './weights.ts';

/** Records without trouble of their own. */
const calmRecords: Partial<Weights> = {
  outages: 0,
  killers: 0,
  rejected: 0,
  unreadable: 0,
  outside: 0,
};

/** Many changes of few records, each message often there twice. */
export const busy: Partial<Weights> = {
  ...calmRecords,
  records: 3,
  edits: 24,
  duplicate: 0.3,
  lostWebhook: 0,
};
/** Every change is told once and must be enough: no scan heals what a webhook's hint has lost. */
export const webhooksOnly: Partial<Weights> = {
  ...busy,
  scans: false,
  crash: 0,
  throttle: 0,
  webhookDelay: 0,
  swarm: false,
};
/** Writes that land after we gave up, with workers that stand still. */
export const lateWrites: Partial<Weights> = { ...busy, late: 0.3, freeze: 0.004, lateness: 45_000 };

/** Few changes, only the scan hears of them, and only the scan dies: nothing else is late enough to heal what it lost. */
export const directedScan: Partial<Weights> = {
  ...calmRecords,
  swarm: false,
  edits: 8,
  chaos: 1_200_000,
  audits: false,
  lostWebhook: 1,
  throttle: 0,
  crash: 0,
  scanCrash: 0.1,
  freeze: 0,
};

/** Nothing fails: workers only meet each other, and the budget makes them slow between reading and settling. */
export const contended: Partial<Weights> = {
  ...webhooksOnly,
  records: 5,
  edits: 14,
  rate: 1.5,
  readLag: 0,
  freeze: 0,
  expiry: 0,
  late: 0,
  lateSettle: 0,
  partial: 0,
  refused: 0,
  replyLost: 0,
  serverError: 0,
  tooMany: 0,
};
