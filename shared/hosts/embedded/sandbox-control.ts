import { Hono } from 'hono';
import * as z from 'zod';
import type { Sandbox } from '../../connectors/sandbox.ts';

const EditSchema = z.strictObject({
  record: z.string().min(1),
  id: z.string().min(1).optional(),
  set: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
  remove: z.boolean().optional(),
  /** Staff unless said. */
  by: z.enum(['staff', 'person', 'integration']).optional(),
});

/** What a POST to a sandbox's control endpoint may ask, in this order. */
export const ControlSchema = z.strictObject({
  /** Faults to switch on or off; the others stay as they are. */
  faults: z.record(z.string(), z.boolean()).optional(),
  /** Moves the sandbox's clock forward, in milliseconds. */
  advance: z.number().int().min(0).optional(),
  /** One change as a person at the vendor would make it. */
  edit: EditSchema.optional(),
  /** Many changes at once. */
  edits: z.array(EditSchema).max(10_000).optional(),
  /** That many ordinary changes of the sandbox's own choosing. */
  act: z.number().int().min(1).max(10_000).optional(),
});
export type ControlCommand = z.infer<typeof ControlSchema>;

/** Ids of the records that were edited, in the order asked. */
export interface ControlResult {
  ids: string[];
}

/** Throws what the sandbox says when a fault, kind of record or field is unknown to it. */
export function applyControl(sandbox: Sandbox, command: ControlCommand): ControlResult {
  if (command.faults) sandbox.setFaults(command.faults);
  if (command.advance !== undefined) sandbox.advance(command.advance);
  const edits = [...(command.edit ? [command.edit] : []), ...(command.edits ?? [])];
  const ids = edits.map((edit) => {
    const { id, set, remove, record, by } = edit;
    return sandbox.edit({
      record,
      ...(id !== undefined && { id }),
      ...(set && { set }),
      ...(remove !== undefined && { remove }),
      ...(by && { by }),
    });
  });
  for (let times = 0; times < (command.act ?? 0); times += 1) sandbox.act();
  return { ids };
}

/** The control endpoint that a sandbox's process serves to its host, on a port of its own. */
export function controlApp(
  sandbox: Sandbox,
  options: { baseUrl: string; apply(command: ControlCommand): ControlResult },
): Hono {
  const app = new Hono();
  app.get('/', (context) => {
    const { record, id } = context.req.query();
    const state = { ...sandbox.state(options.baseUrl), baseUrl: options.baseUrl };
    if (record === undefined || id === undefined) return context.json(state);
    return context.json({ ...state, record: sandbox.peek(record, id) ?? null });
  });
  app.post('/', async (context) => {
    const command = ControlSchema.parse(await context.req.json());
    return context.json(options.apply(command));
  });
  // What an edit or a fault switch gets wrong is the caller's: the sandbox's own words say what there is.
  app.onError((error, context) =>
    context.json(
      {
        error: error.message,
        hint: 'GET this address lists the faults, the kinds of record and how many there are',
      },
      400,
    ),
  );
  return app;
}
