import type { Sandbox, SandboxOptions } from '../../../shared/connectors/sandbox.ts';
import { authorization } from '../../../shared/connectors/tessitura/auth.ts';
import { tessituraSandbox } from '../../../shared/connectors/tessitura/sandbox.ts';

/** A sandbox that is spoken to without a port: what its wire answers. */
export function serviceUnderTest(options: Partial<SandboxOptions> = {}) {
  const sandbox = tessituraSandbox({ seed: 7, size: 200, ...options });
  return { sandbox, ask: asker(sandbox) };
}

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into any vendor body
  body: any;
}

function asker(sandbox: Sandbox) {
  const { user, group, location, password } = sandbox.state('http://x.test').secret as Record<string, string>;
  const signIn = authorization({ user: user!, group: group!, location: location!, password: password! });
  return async (
    call: string,
    body?: unknown,
    headers: Record<string, string> = { authorization: signIn },
  ) => {
    const [method, path] = call.split(' ') as [string, string];
    const response = await sandbox.app.request(`/TessituraService/${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer: Answer = { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
    return answer;
  };
}
