import type * as z from 'zod';
import { NewKeyAnswer } from '../../../../functions/payments/operate/keys.ts';
import type { CommandName } from '../../../../functions/payments/operate/operate.ts';
import { openPayments } from '../../../../functions/payments/run.ts';
import { CannotDo, type ServiceRun } from '../../../../shared/engine/service.ts';
import { startWorld, type World } from '../world.ts';

/** The payments service over the sandboxes, with an operator at its desk. */
export interface DeskWorld extends World {
  readonly service: ServiceRun;
  /** Runs a command; its answer must be what the schema says. */
  ask<T>(command: CommandName, schema: z.ZodType<T>, input?: object): Promise<T>;
  /** Why a command cannot be done. */
  refused(command: string, input: unknown): Promise<Pick<CannotDo, 'kind' | 'message' | 'next'>>;
  /** A payment over the API; gives its id. */
  pay(change?: Record<string, unknown>): Promise<string>;
  /** Lets time pass, with everything of the queue worked off. */
  pass(ms: number): Promise<void>;
}

export async function startDesk(): Promise<DeskWorld> {
  const world = await startWorld();
  const service = openPayments(world.ports, world.site);
  const ask: DeskWorld['ask'] = async (command, schema, input = {}) =>
    schema.parse(JSON.parse(JSON.stringify(await service.operate(command, input, world.work()))));
  let count = 0;
  const pay: DeskWorld['pay'] = async (change = {}) => {
    count += 1;
    const { text } = await ask('key-create', NewKeyAnswer, { merchant: 'club', title: 'test' });
    const body = {
      ...{ reference: `order-${count}`, amount: 1_999, currency: 'EUR' },
      ...{ instrument: { stripe: { token: 'pm_card_visa' } }, ...change },
    };
    const request = new Request('http://pay.test/v1/payments', {
      method: 'POST',
      headers: {
        authorization: `Bearer ${text}`,
        'content-type': 'application/json',
        'idempotency-key': `key-${count}`,
      },
      body: JSON.stringify(body),
    });
    const answer = (await (await service.answer(request, world.work())).json()) as { id?: string };
    if (answer.id === undefined) throw new Error(`no payment: ${JSON.stringify(answer)}`);
    return answer.id;
  };
  return {
    ...world,
    ...{ service, ask, pay },
    refused: async (command, input) => {
      try {
        await service.operate(command, input, world.work());
      } catch (thrown) {
        if (thrown instanceof CannotDo) return thrown;
        throw thrown;
      }
      throw new Error(`${command} was not refused`);
    },
    pass: (ms) => world.run(ms, (errand, dueAt) => service.work(errand, { ...world.work(), dueAt })),
  };
}
