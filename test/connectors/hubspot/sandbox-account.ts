import { Client } from '@hubspot/api-client';
import { type HubspotSandbox, hubspotSandbox } from '../../../shared/connectors/hubspot/sandbox.ts';
import type { SandboxRequest } from '../../../shared/connectors/sandbox.ts';
import { START, startHubspot } from './world.ts';

export type Json = Record<string, unknown>;

/** A sandbox without a port: calls of our app and of another one in the same account. */
export function openAccount() {
  const sandbox = hubspotSandbox({ seed: 5, size: 0, now: () => START });
  const token = (secret: Readonly<Record<string, unknown>>) =>
    (secret.auth as { accessToken: string }).accessToken;
  const ours = token(sandbox.state('').secret);
  const theirs = token(sandbox.otherSecret(''));
  const by = (bearer: string) => async (method: string, path: string, body?: unknown) => {
    const reply = await sandbox.app.request(path, {
      method,
      headers: { authorization: `Bearer ${bearer}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await reply.text();
    const json: Json = text.startsWith('{') ? JSON.parse(text) : {};
    return { status: reply.status, headers: reply.headers, json };
  };
  return { sandbox, call: by(ours), callAsOther: by(theirs) };
}

/** The official client on a sandbox with a port of its own. */
export async function officialClient() {
  const hubspot = await startHubspot();
  const { accessToken } = hubspot.secret.auth as { accessToken: string };
  const client = new Client({
    basePath: hubspot.baseUrl,
    accessToken,
    developerApiKey: hubspot.sandbox.developerKey,
    numberOfApiCallRetries: 0,
  });
  return { client, sandbox: hubspot.sandbox, [Symbol.asyncDispose]: () => hubspot[Symbol.asyncDispose]() };
}

export const TARGET = 'https://hooks.example.test/in/hubspot?flow=a%2Fb';

/** A receiver that answers as told and keeps what it was sent. */
export function receiver(sandbox: HubspotSandbox, status: () => number = () => 204) {
  sandbox.webhooks.aim(TARGET);
  const requests: SandboxRequest[] = [];
  const deliver = () =>
    sandbox.webhooks.deliver(async (request) => {
      requests.push(request);
      return status();
    });
  const events = (): Json[] => requests.flatMap((request) => JSON.parse(request.body) as Json[]);
  return { requests, deliver, events };
}
