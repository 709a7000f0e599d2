import * as z from 'zod';
import { capture, refund, resolveOperation, sync, voidPayment } from './act.ts';
import { bookRoutes } from './book-routes.ts';
import { createPayment } from './create-payment.ts';
import { findPayment, showPayment, showRefund, showTimeline } from './look.ts';
import { orderCircuit, showProviders } from './operate.ts';
import type { Disputes, Reconciliations } from './parts.ts';
import {
  ByReferenceSchema,
  CaptureSchema,
  CircuitOrderSchema,
  EmptySchema,
  NewPaymentSchema,
  RefundSchema,
  ResolveSchema,
} from './requests.ts';
import { get, post, put, type Route } from './route.ts';
import { PaymentShape, PaymentsShape, ProvidersShape, RefundShape, TimelineShape } from './shapes.ts';

const nothing = z.strictObject({});
const now = { shape: PaymentShape, says: 'As it is now; also the answer to a repeat.' };
const underWay = {
  shape: PaymentShape,
  says: 'It is kept and being worked on; look again, or wait for its event.',
};

/** Every operation of the API, in the order of its document. */
export function routesOf(books: { reconciliations: Reconciliations; disputes: Disputes }): readonly Route[] {
  return [...payments, ...asks, ...looks, ...operating, ...bookRoutes(books)];
}

const payments: readonly Route[] = [
  post(
    {
      ...{ path: '/v1/payments', name: 'createPayment', scope: 'pay', title: 'Make a payment' },
      says: 'Holds the money at the first provider that takes it, and captures it unless `capture` is `manual`. During an outage it is kept, and made when a provider answers, up to `processBefore`. A payment is made once, whatever breaks.',
      body: NewPaymentSchema,
      answers: {
        200: now,
        201: { shape: PaymentShape, says: 'Made; `status` tells how it went.' },
        202: underWay,
      },
      problems: ['reference-exists'],
    },
    createPayment,
  ),
  get(
    {
      ...{
        path: '/v1/payments',
        name: 'findPayment',
        scope: 'read',
        title: 'Find a payment by its reference',
      },
      says: 'The payment that has the reference now: at most one.',
      query: ByReferenceSchema,
      answers: { 200: { shape: PaymentsShape, says: 'None or one.' } },
      problems: [],
    },
    findPayment,
  ),
  get(
    {
      ...{ path: '/v1/payments/{id}', name: 'getPayment', scope: 'read', title: 'Look at a payment' },
      says: 'Asks no provider; `sync` does.',
      query: nothing,
      answers: { 200: { shape: PaymentShape, says: 'As it is now.' } },
      problems: ['not-found'],
    },
    showPayment,
  ),
  get(
    {
      ...{
        path: '/v1/payments/{id}/timeline',
        name: 'getTimeline',
        scope: 'read',
        title: 'Look at its timeline',
      },
      says: 'Every transition, who made it and why. Lines are only ever added.',
      query: nothing,
      answers: { 200: { shape: TimelineShape, says: 'The earliest first.' } },
      problems: ['not-found'],
    },
    showTimeline,
  ),
];

const asks: readonly Route[] = [
  post(
    {
      ...{
        path: '/v1/payments/{id}/capture',
        name: 'capturePayment',
        scope: 'pay',
        title: 'Take the held money',
      },
      says: 'Once; what is not taken is released.',
      body: CaptureSchema,
      answers: { 200: now, 202: underWay },
      problems: ['not-found', 'state-conflict'],
    },
    capture,
  ),
  post(
    {
      ...{ path: '/v1/payments/{id}/void', name: 'voidPayment', scope: 'pay', title: 'Give a payment up' },
      says: 'Releases every hold and tries nothing more. Money that was taken is refunded instead.',
      body: EmptySchema,
      answers: { 200: now, 202: underWay },
      problems: ['not-found', 'state-conflict'],
    },
    voidPayment,
  ),
  post(
    {
      ...{
        path: '/v1/payments/{id}/refunds',
        name: 'refundPayment',
        scope: 'refund',
        title: 'Give money back',
      },
      says: 'Its amount is reserved at once. The refund is in `refunds`, and `Location` names it.',
      body: RefundSchema,
      answers: {
        200: now,
        201: { shape: PaymentShape, says: 'Asked for; the refund tells how it went.' },
        202: underWay,
      },
      problems: ['not-found', 'state-conflict'],
    },
    refund,
  ),
  post(
    {
      ...{
        path: '/v1/payments/{id}/sync',
        name: 'syncPayment',
        scope: 'pay',
        title: 'Ask the provider for news',
      },
      says: 'Also when the payer has come back from a step of their own.',
      body: EmptySchema,
      answers: { 200: now, 202: underWay },
      problems: ['not-found'],
    },
    sync,
  ),
  post(
    {
      ...{
        path: '/v1/payments/{id}/resolve',
        name: 'resolvePayment',
        scope: 'operate',
        title: 'Say what a person found',
      },
      says: 'For an operation in `review`, of which no look told the outcome for a day. What you say is believed.',
      body: ResolveSchema,
      answers: { 200: now, 202: underWay },
      problems: ['not-found', 'state-conflict'],
    },
    resolveOperation,
  ),
];

const looks: readonly Route[] = [
  get(
    {
      ...{ path: '/v1/refunds/{id}', name: 'getRefund', scope: 'read', title: 'Look at a refund' },
      says: 'One that `succeeded` may still come back: then it is `returned`.',
      query: nothing,
      answers: { 200: { shape: RefundShape, says: 'As it is now.' } },
      problems: ['not-found'],
    },
    showRefund,
  ),
];

const operating: readonly Route[] = [
  get(
    {
      ...{ path: '/v1/providers', name: 'listProviders', scope: 'read', title: 'Look at the providers' },
      says: 'In the order in which they are tried, and which of their calls are held back.',
      query: nothing,
      answers: { 200: { shape: ProvidersShape, says: 'All of the merchant.' } },
      problems: [],
    },
    showProviders,
  ),
  put(
    {
      ...{ path: '/v1/providers/{provider}/circuit', name: 'orderCircuit', scope: 'operate' },
      title: 'Open or close a provider',
      says: 'Counts more than what its calls come to, for every merchant that is paid through it, until it is taken back with `none`.',
      body: CircuitOrderSchema,
      answers: { 200: { shape: ProvidersShape, says: 'The provider as it is now.' } },
      problems: ['not-found'],
    },
    orderCircuit,
  ),
];
