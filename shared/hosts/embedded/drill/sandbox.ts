import type { DrillVendor } from '../../../engine/drill.ts';
import type { WebhookRequest } from '../../../engine/webhook.ts';
import { listen } from '../listen.ts';
import { loadSandbox } from '../sandbox-load.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Between two looks for webhooks that are due. */
const LOOK_EVERY = 5_000;

/** A vendor's sandbox in this process, on a port of its own. */
export interface DrillSandbox extends DrillVendor {
  readonly secret: Readonly<Record<string, unknown>>;
  stop(): Promise<void>;
}

type Receive = (request: WebhookRequest) => Promise<{ status: number } | undefined>;

/** With its vendor's own limits. What it is slow at takes virtual time. */
export async function startDrillSandbox(
  vendor: string,
  { clock, pause, during }: VirtualTime,
  receive: Receive,
): Promise<DrillSandbox> {
  const sandbox = await loadSandbox(vendor, { seed: 1, size: 0, now: () => clock.now(), sleep: pause });
  const { instruments } = sandbox;
  if (!instruments) throw new Error(`the sandbox of ${vendor} has no instruments: it is no payment provider`);
  const { port, close } = await listen(sandbox.app, 0);
  const baseUrl = `http://127.0.0.1:${port}`;
  const stopping = new AbortController();
  const { webhooks } = sandbox;
  webhooks?.aim(`${baseUrl}/hooks`);
  const deliver = async () => {
    while (webhooks) {
      await clock.sleep(LOOK_EVERY, stopping.signal);
      if (webhooks.nextAt() === undefined) continue;
      await webhooks.deliver(async ({ method, url, headers, body }) => {
        const request = { method, url, headers, body: Buffer.from(body), receivedAt: clock.now() };
        return (await receive(request))?.status ?? 503;
      });
    }
  };
  deliver().catch(() => undefined);
  return {
    secret: sandbox.state(baseUrl).secret,
    instruments,
    fault: (name, on) => sandbox.setFaults({ [name]: on }),
    peek: sandbox.peek,
    stored: (kind) => sandbox.state(baseUrl).records[kind] ?? 0,
    stop: async () => {
      stopping.abort();
      await during(close(0));
    },
  };
}
