import type { SandboxRequest, SandboxWebhooks } from '../../connectors/sandbox.ts';

/** Between two looks for webhooks that are due. */
const LOOK_EVERY = 100;
/** The longest that a vendor waits for an answer. */
const PATIENCE = 10_000;

/** Sends a sandbox's webhooks as they become due, until the process ends. */
export function sendWebhooks(webhooks: SandboxWebhooks): void {
  let isSending = false;
  const look = async (): Promise<void> => {
    if (isSending || webhooks.nextAt() === undefined) return;
    isSending = true;
    try {
      await webhooks.deliver(post);
    } finally {
      isSending = false;
    }
  };
  // What cannot be delivered is tried again by the sandbox, as its vendor does.
  setInterval(() => void look(), LOOK_EVERY).unref();
}

async function post({ method, url, headers, body }: SandboxRequest): Promise<number> {
  const answer = await fetch(url, { method, headers, body, signal: AbortSignal.timeout(PATIENCE) });
  await answer.body?.cancel();
  return answer.status;
}
