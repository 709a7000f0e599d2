import { spawn } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { pythonTool, run } from './python.ts';
import { until } from './told.ts';

export interface Emulator {
  /** Of a local AWS account with nothing in it. */
  readonly url: string;
  readonly port: number;
  /** One call through botocore, the client that AWS itself makes. */
  call(service: string, operation: string, params?: object): Promise<unknown>;
  stop(): void;
}

export const ACCOUNT = '000000000000';
export const REGION = 'us-east-1';

/** Starts the emulator on a free port, and points this process and its children at it. */
export async function startEmulator(folder: string): Promise<Emulator> {
  const bin = await pythonTool('ministack');
  const port = await freePort();
  mkdirSync(folder, { recursive: true });
  const log = openSync(join(folder, 'emulator.log'), 'w');
  const url = `http://127.0.0.1:${port}`;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: url,
    AWS_ENDPOINT_URL_S3: url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_EC2_METADATA_DISABLED: 'true',
  });
  const child = spawn(join(bin, 'ministack'), {
    env: {
      ...process.env,
      GATEWAY_PORT: String(port),
      BIND_HOST: '127.0.0.1',
      MINISTACK_HOST: '127.0.0.1',
      TMPDIR: folder,
    },
    stdio: ['ignore', log, log],
    // A group of its own: the functions that it starts end with it.
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the emulator did not start');
  let stopped = false;
  const stop = () => {
    if (child.exitCode !== null || child.signalCode !== null || stopped) return;
    stopped = true;
    process.kill(-pid, 'SIGKILL');
  };
  process.once('exit', stop);
  await until('the emulator answers', 30, async () => {
    if (child.exitCode !== null) throw new Error(`the emulator ended; see ${folder}/emulator.log`);
    return fetch(`${url}/_ministack/health`).then(
      (answer) => answer.ok,
      () => false,
    );
  });
  return {
    url,
    port,
    stop,
    async call(service, operation, params = {}) {
      const { out } = await run(join(bin, 'python3'), [
        '-c',
        CALL,
        service,
        operation,
        JSON.stringify(params),
      ]);
      return JSON.parse(out);
    },
  };
}

const CALL = `
import json, sys, botocore.session
service, operation, params = sys.argv[1:]
client = botocore.session.get_session().create_client(service)
answer = getattr(client, operation)(**json.loads(params))
answer.pop('ResponseMetadata', None)
print(json.dumps(answer, default=str))
`;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
