import * as z from 'zod';
import type { Effect, Session } from '../../shared/engine/session.ts';
import type { Code } from './code.ts';

const SecretSchema = z.object({ token: z.string(), refresh: z.string() });
type Secret = z.infer<typeof SecretSchema>;

/** One call of the simulated vendors' wire protocol, faults translated. */
export interface Call<T> {
  vendor: 'source' | 'target';
  operation: string;
  effect: Effect;
  body: unknown;
  reply: z.ZodType<T>;
}

/** The client that both simulated connectors share: token, one renewal, one translator. */
export function connection(code: Code): <T>(session: Session, call: Call<T>) => Promise<T> {
  const { Fault } = code.fault;

  async function post(
    session: Session,
    call: Pick<Call<unknown>, 'vendor' | 'operation' | 'effect' | 'body'>,
    token: string,
  ) {
    return session.send({
      operation: call.operation,
      effect: call.effect,
      method: 'POST',
      url: `https://${call.vendor}.test/${call.operation}`,
      headers: { authorization: token },
      body: JSON.stringify(call.body),
    });
  }

  async function renew(session: Session, vendor: Call<unknown>['vendor'], secret: Secret): Promise<Secret> {
    const response = await post(
      session,
      { vendor, operation: 'renew', effect: 'write', body: { refresh: secret.refresh } },
      '',
    );
    if (response.status === 400)
      throw new Fault('auth-expired', {
        vendor,
        operation: 'renew',
        message: 'the refresh token is void',
        mend: 'reconnect',
      });
    if (response.status !== 200) throw refusal(vendor, 'renew', 'read', response);
    return SecretSchema.parse(JSON.parse(response.body));
  }

  function refusal(
    vendor: string,
    operation: string,
    effect: Effect,
    response: { status: number; headers: Readonly<Record<string, string>> },
  ) {
    const { status } = response;
    const retryAfter = Number(response.headers['retry-after']) * 1000;
    const details = {
      vendor,
      operation,
      status,
      message: `answered ${status}`,
      ...(retryAfter > 0 ? { retryAfter } : {}),
    };
    if (status === 429) return new Fault('rate-limited', details);
    if (status === 401) return new Fault('auth-expired', { ...details, mend: 'reconnect' });
    if (status === 422) return new Fault('rejected', details);
    if (status === 503) return new Fault('unavailable', details);
    return new Fault(effect === 'write' ? 'unknown-outcome' : 'unavailable', details);
  }

  return async (session, call) => {
    const secret = await session.secret(SecretSchema);
    let response = await post(session, call, secret.token);
    if (response.status === 401) {
      const renewed = await session.renewSecret(
        SecretSchema,
        (each) => each.token === secret.token,
        (stale) => renew(session, call.vendor, stale),
      );
      response = await post(session, call, renewed.token);
      // The new token may have expired again meanwhile: that is no reason to hold the account.
      if (response.status === 401)
        throw new Fault('unavailable', {
          vendor: call.vendor,
          operation: call.operation,
          message: 'expired twice',
        });
    }
    if (response.status !== 200) throw refusal(call.vendor, call.operation, call.effect, response);
    return call.reply.parse(JSON.parse(response.body));
  };
}
