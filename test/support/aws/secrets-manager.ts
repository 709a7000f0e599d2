import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Stored {
  text: string | undefined;
  version: string;
}

export interface FakeSecretsManager {
  endpoint: string;
  /** Calls by operation. */
  calls: Map<string, number>;
  /** As somebody would in the console. */
  set(name: string, text: string): void;
  close(): Promise<void>;
}

/** Secrets Manager's JSON protocol over HTTP, with secrets that stay. */
export async function startSecretsManager(): Promise<FakeSecretsManager> {
  const secrets = new Map<string, Stored>();
  const calls = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    calls.set(operation, (calls.get(operation) ?? 0) + 1);
    const { status, answer } = answerTo(secrets, operation, JSON.parse(await textOf(request)));
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    set: (name, text) => void secrets.set(name, { text, version: randomUUID() }),
    close: () => close(server),
  };
}

function answerTo(
  secrets: Map<string, Stored>,
  operation: string,
  input: { SecretId?: string; Name?: string; SecretString?: string },
): { status: number; answer: object } {
  const name = input.SecretId ?? input.Name ?? '';
  const stored = secrets.get(name);
  const fault = (type: string) => ({ status: 400, answer: { __type: type, message: `${type}: ${name}` } });
  if (operation === 'CreateSecret' ? stored !== undefined : stored === undefined)
    return fault(operation === 'CreateSecret' ? 'ResourceExistsException' : 'ResourceNotFoundException');
  switch (operation) {
    case 'GetSecretValue':
      if (stored?.text === undefined) return fault('ResourceNotFoundException');
      return { status: 200, answer: { Name: name, SecretString: stored.text, VersionId: stored.version } };
    case 'CreateSecret':
    case 'PutSecretValue': {
      const version = randomUUID();
      secrets.set(name, { text: input.SecretString, version });
      return { status: 200, answer: { Name: name, VersionId: version } };
    }
    default:
      return fault('InvalidRequestException');
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
