import * as z from 'zod';
import { CannotDo, type ServiceWork } from '../../../shared/engine/service.ts';
import { ResolveSchema } from '../api/requests.ts';
import { resolve as resolved } from '../api/resolve.ts';
import type { Call } from '../api/route.ts';
import { secure, settle } from '../api/settle.ts';
import { readPayment, writePayment } from '../store.ts';
import type { ShowAnswer } from './answers.ts';
import { callOf, command, knownMerchant, type Office, whole } from './command.ts';
import { findOne } from './find.ts';
import { note } from './journal.ts';
import { shownPayment } from './show.ts';

/** Asks the provider what it shows, and goes on from there. */
export const sync = command(z.strictObject({ payment: z.string() }), async (office, { payment }, work) => {
  const { call, id } = await open(office, payment, work);
  await secure(call, id);
  return goOn(office, call, id);
});

const { operation: _, ...word } = ResolveSchema.shape;
const ResolveInput = z.strictObject({ ...word, payment: z.string(), operation: whole(1, 10_000) });

/** Says what a person found at the provider of an operation that needs review. */
export const resolve = command(ResolveInput, async (office, { payment, ...found }, work) => {
  const { call, id } = await open(office, payment, work);
  const { documents, clock, random } = office.ports;
  await secure(call, id);
  for (;;) {
    const stored = await readPayment(documents, id);
    if (!stored) throw new Error(`payment ${id} is not there`);
    const asked = resolved(stored.payment, found, clock.now());
    if (!asked.ok)
      throw new CannotDo(
        asked.code === 'state' ? 'conflict' : 'input',
        `field "${asked.field}": ${asked.because}`,
        `\`show ${id}\` lists its operations and what they need`,
      );
    if (asked.payment === stored.payment) break;
    if (await writePayment(documents, stored, asked.payment, random.token())) break;
  }
  const what = `operation ${found.operation} resolved as ${found.outcome}`;
  await note(office, { what, about: id, reason: found.reason });
  return goOn(office, call, id);
});

async function open(office: Office, text: string, work: ServiceWork): Promise<{ call: Call; id: string }> {
  const { id, merchant } = await findOne(office, text.trim(), work);
  return { call: callOf(office, knownMerchant(office, merchant), work), id };
}

async function goOn(office: Office, call: Call, id: string): Promise<ShowAnswer> {
  return shownPayment(office.ports.documents, await settle(call, id, { hinted: true }));
}
