import * as z from 'zod';
import { CannotDo } from '../../../shared/engine/service.ts';
import {
  type NotDone,
  removeEndpoint,
  rotateSecret,
  setEndpoint,
  showEndpoint,
} from '../events/set-endpoint.ts';
import { command, knownMerchant, merchantsAsked, type Office, Tick, whole } from './command.ts';
import { note } from './journal.ts';

const Merchant = z.strictObject({ merchant: z.string() });

/** `secret` is told now and never again; absent where the endpoint keeps the one it has. */
export const SetEndpointAnswer = z.object({
  merchant: z.string(),
  url: z.string(),
  secret: z.string().optional(),
});
export const RotatedAnswer = z.object({ merchant: z.string(), secret: z.string(), oldUntil: z.number() });
export const RemovedAnswer = z.object({ merchant: z.string() });
export const EndpointsAnswer = z.object({
  items: z.array(
    z.object({
      merchant: z.string(),
      url: z.string().optional(),
      disabled: z.object({ at: z.number(), why: z.string() }).optional(),
      secrets: z.array(z.object({ since: z.number(), until: z.number().optional() })),
    }),
  ),
});

/** `loopback` counts only on a host of this machine: a server of one's own, to try things out. */
export const endpointSet = command(
  z.strictObject({ merchant: z.string(), url: z.string(), loopback: Tick.optional() }),
  async (office, { merchant, url, loopback = false }) => {
    knownMerchant(office, merchant);
    const allowLoopback = loopback && isLocal(office);
    const done = must(await setEndpoint(office.ports, office.site, { merchant, url, allowLoopback }));
    await note(office, { what: 'endpoint set', about: merchant, reason: new URL(url).host });
    return SetEndpointAnswer.parse({ merchant, ...done });
  },
);

/** Both secrets sign for some hours. */
export const endpointRotate = command(
  Merchant.extend({ hours: whole(0, 720).optional() }),
  async (office, { merchant, hours = 24 }) => {
    knownMerchant(office, merchant);
    const done = must(await rotateSecret(office.ports, { merchant, hours }));
    await note(office, {
      what: `endpoint's secret rotated, the old one ends in ${hours} h`,
      about: merchant,
    });
    return RotatedAnswer.parse({ merchant, ...done });
  },
);

export const endpointRemove = command(Merchant, async (office, { merchant }) => {
  knownMerchant(office, merchant);
  await removeEndpoint(office.ports, { merchant });
  await note(office, { what: 'endpoint removed', about: merchant });
  return RemovedAnswer.parse({ merchant });
});

export const endpointShow = command(Merchant.partial(), async (office, { merchant }) => {
  const items = await Promise.all(
    merchantsAsked(office, merchant).map(async ({ id }) => ({
      merchant: id,
      secrets: [],
      ...(await showEndpoint(office.ports.documents, id)),
    })),
  );
  return EndpointsAnswer.parse({ items });
});

function isLocal({ ports }: Office): boolean {
  return ports.publicUrl().startsWith('http://127.0.0.1:');
}

/** What could not be done names its field, the cause and the next step. */
export function must<T extends { ok: true }>(done: T | NotDone): T {
  if (done.ok) return done;
  throw new CannotDo('input', `field "${done.field}" ${done.because}`, done.next);
}
