import type { Maker, Operation, Payment, State } from './payment.ts';

/** One way an operation may go, and who may say so. */
interface Way {
  from: readonly State[];
  to: State;
  by: readonly Maker[];
}

const OPEN: readonly State[] = ['unknown', 'pending', 'needs-payer', 'needs-review'];

/**
 * Every way there is; whatever is not here cannot happen. Nothing leads out of `succeeded`, and nothing but proof
 * leads from `unknown` to `not-executed`: time never does.
 */
export const WAYS: readonly Way[] = [
  { from: ['created', 'unknown', 'needs-review'], to: 'sent', by: ['worker'] },
  { from: ['sent'], to: 'created', by: ['worker'] },
  { from: ['sent'], to: 'unknown', by: ['worker', 'janitor'] },
  { from: ['sent', ...OPEN], to: 'succeeded', by: ['worker', 'sync'] },
  { from: ['sent', ...OPEN], to: 'pending', by: ['worker', 'sync'] },
  { from: ['sent', ...OPEN], to: 'needs-payer', by: ['worker', 'sync'] },
  { from: ['sent', ...OPEN], to: 'declined', by: ['worker', 'sync'] },
  { from: ['sent'], to: 'rejected', by: ['worker'] },
  { from: ['created'], to: 'not-executed', by: ['janitor', 'sync'] },
  { from: ['sent', ...OPEN], to: 'not-executed', by: ['worker', 'sync'] },
  { from: ['unknown'], to: 'retired', by: ['janitor'] },
  { from: ['unknown'], to: 'needs-review', by: ['janitor'] },
  { from: ['needs-review'], to: 'succeeded', by: ['operator'] },
  { from: ['needs-review'], to: 'not-executed', by: ['operator'] },
];

/** What a transition says besides where it leads. */
export interface Saying {
  by: Maker;
  at: number;
  why?: string;
}

/** May an operation go there? */
export function isWay(from: State, to: State, by: Maker): boolean {
  return WAYS.some((way) => way.to === to && way.from.includes(from) && way.by.includes(by));
}

/** Moves one operation; a way that is not in the table is a defect of the caller and thrown. */
export function move(
  payment: Payment,
  operation: Operation,
  to: State,
  { by, at, why, ...change }: Saying & Partial<Operation>,
): Payment {
  const { seq, kind, attempt, state } = operation;
  if (!isWay(state, to, by))
    throw new Error(`payment ${payment.id}: ${kind} ${seq} may not go from ${state} to ${to} by ${by}`);
  if (kind !== 'prepare' && to === 'retired')
    throw new Error(`payment ${payment.id}: only a prepare can be retired, not a ${kind}`);
  const moved: Operation = { ...operation, ...change, state: to };
  return told(
    { ...payment, operations: payment.operations.map((each) => (each.seq === seq ? moved : each)) },
    { by, at, what: `${attempt}.${seq} ${kind} ${to}`, ...(why === undefined ? {} : { why }) },
  );
}

/** Changes what an operation remembers, not its state. */
export function amendOperation(payment: Payment, seq: number, change: Partial<Operation>): Payment {
  return {
    ...payment,
    operations: payment.operations.map((each) => (each.seq === seq ? { ...each, ...change } : each)),
  };
}

/** Adds a line to the timeline. */
export function told(payment: Payment, entry: Payment['timeline'][number]): Payment {
  return { ...payment, timeline: [...payment.timeline, entry] };
}
