import { createPublicKey, verify } from 'node:crypto';
import { crc32 } from 'node:zlib';
import * as z from 'zod';
import { type Asked, bodyOf, type Show, shown } from './sandbox-asked.ts';
import { notFound } from './sandbox-replies.ts';
import type { World } from './sandbox-world.ts';

const VerifyBody = z.object({
  auth_algo: z.string(),
  cert_url: z.string(),
  transmission_id: z.string(),
  transmission_sig: z.string(),
  transmission_time: z.string(),
  webhook_id: z.string(),
  webhook_event: z.record(z.string(), z.unknown()),
});

export function listWebhooks(world: World): Show {
  const { url } = world.outbox;
  const webhook = { id: world.webhookId, url: url ?? 'https://example.test/', event_types: [{ name: '*' }] };
  return shown({ webhooks: [webhook] });
}

/** PayPal's own check. It signs the event as it is written again, so only an unchanged order of fields passes. */
export function verifyWebhook(world: World, asked: Asked): Show {
  const given = bodyOf(asked, VerifyBody);
  const body = JSON.stringify(given.webhook_event);
  const { transmission_id: id, transmission_time: time, webhook_id: webhook, cert_url: address } = given;
  const pem = world.signer.chain(Number(address.match(/CERT-SANDBOX-(\d+)$/)?.[1] ?? 0));
  const message = Buffer.from(`${id}|${time}|${webhook}|${crc32(body)}`);
  const isGood =
    pem !== undefined &&
    webhook === world.webhookId &&
    verify('RSA-SHA256', message, createPublicKey(pem), Buffer.from(given.transmission_sig, 'base64'));
  return shown({ verification_status: isGood ? 'SUCCESS' : 'FAILURE' });
}

export function listEvents(world: World): Show {
  return shown({ events: world.outbox.events.toReversed().slice(0, 300), count: world.outbox.events.length });
}

export function resendEvent(world: World, { params }: Asked): Show {
  const event = world.outbox.events.find((each) => each.id === params.id);
  if (!event) throw notFound();
  world.outbox.send(event);
  return () => ({ status: 202, whole: event });
}
