import * as z from 'zod';
import type { Millis } from '../../../shared/engine/ports.ts';
import type { ServicePorts } from '../../../shared/engine/service.ts';
import { parse } from '../store.ts';

const EndpointSchema = z.strictObject({
  schema: z.literal(1),
  /** None = removed. */
  url: z.string().optional(),
  /** The newest first. */
  secrets: z.array(z.strictObject({ value: z.string(), since: z.number(), until: z.number().optional() })),
  /** Nothing is sent until it is set again. */
  disabled: z.strictObject({ at: z.number(), why: z.string() }).optional(),
});
export type Endpoint = z.infer<typeof EndpointSchema>;

/** What endpoints need of the ports. */
export type EndpointParts = Pick<ServicePorts, 'documents' | 'clock' | 'random'>;

/** The endpoint said that it is gone: nothing is sent to that address until it is set again. */
export async function disableEndpoint(
  ports: EndpointParts,
  merchant: string,
  { url, why }: { url: string; why: string },
): Promise<void> {
  const disabled = { at: ports.clock.now(), why };
  await changeEndpoint(ports, merchant, (old) =>
    old.url === url && !old.disabled ? { ...old, disabled } : old,
  );
}

export async function readEndpoint(
  documents: EndpointParts['documents'],
  merchant: string,
): Promise<Endpoint | undefined> {
  const stored = await documents.get(endpointKey(merchant));
  return stored && parse(endpointKey(merchant), EndpointSchema, stored.value);
}

/** Secrets that sign now. */
export function validSecrets({ secrets }: Endpoint, now: Millis): string[] {
  return secrets.filter(({ until = now + 1 }) => until > now).map(({ value }) => value);
}

/** Changes an endpoint, whoever else does. */
export async function changeEndpoint(
  ports: EndpointParts,
  merchant: string,
  to: (old: Endpoint) => Endpoint,
): Promise<Endpoint> {
  const key = endpointKey(merchant);
  for (;;) {
    const stored = await ports.documents.get(key);
    const old = stored ? parse(key, EndpointSchema, stored.value) : { schema: 1 as const, secrets: [] };
    const next = to(old);
    if (next === old || (await ports.documents.put(key, next, stored?.revision))) return next;
  }
}

function endpointKey(merchant: string): string {
  return `payment-endpoint/${merchant}`;
}
