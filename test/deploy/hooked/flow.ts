import * as z from 'zod';
import { ticketingMarketing } from '../../../functions/ticketing-marketing/flow.ts';
import { hubspotAccount } from '../../../shared/connectors/hubspot/index.ts';
import { verifySignature } from '../../../shared/connectors/hubspot/webhook.ts';
import { defineFlow } from '../../../shared/engine/flow.ts';

const Told = z.array(z.string());
const Secret = z.object({ webhookSecrets: z.array(z.string()) });

/** The product's flow once more, for a vendor that pushes: the ids of changed patrons, signed. */
export const hooked = defineFlow({
  ...ticketingMarketing,
  name: 'hooked',
  title: 'Box office to marketing, pushed',
  howOften: { ...ticketingMarketing.howOften, webhook: 'patrons that changed', scanEveryMinutes: 60 },
  expects: { ...ticketingMarketing.expects, heartbeatMinutes: 120 },
  webhooks: {
    office: {
      account: hubspotAccount('main'),
      methods: ['POST'],
      async read(session, request) {
        const { webhookSecrets } = await session.secret(Secret);
        const verdict = verifySignature(request, webhookSecrets);
        if (!verdict.valid) return { kind: 'forged', reason: verdict.reason };
        const ids = Told.parse(JSON.parse(Buffer.from(request.body).toString()));
        return { kind: 'accepted', changes: ids.map((id) => ({ collection: 'patron', id })), ignored: 0 };
      },
    },
  },
});
