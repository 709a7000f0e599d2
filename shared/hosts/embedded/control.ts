import { type Context, Hono } from 'hono';
import * as z from 'zod';
import { parseFields, readPosted } from '../../operate/api/form.ts';
import { Problem } from '../../operate/api/problem.ts';
import { ControlSchema } from './sandbox-control.ts';
import type { SandboxProcess } from './sandboxes.ts';

const FormSchema = z.union([
  z.strictObject({ fault: z.string(), on: z.enum(['true', 'false']) }),
  z.strictObject({
    record: z.string().min(1),
    id: z.string().min(1),
    field: z.string().min(1),
    value: z.string(),
  }),
]);

/** `/sandbox/:vendor/_control`: what a person at the vendor, or at the fault switches, would do. */
export function buildControl(sandboxes: readonly SandboxProcess[]): Hono {
  const control = new Hono();
  control.get('/:vendor/_control', async (context) => {
    const { record, id } = context.req.query();
    if ((record === undefined) !== (id === undefined)) {
      throw new Problem(400, 'record and id belong together', 'e.g. ?record=contact&id=123');
    }
    const sandbox = known(context, sandboxes);
    return context.json(
      await sandbox.state(record !== undefined && id !== undefined ? { record, id } : undefined),
    );
  });
  control.post('/:vendor/_control', async (context) => {
    const sandbox = known(context, sandboxes);
    const { fields, back } = await readPosted(context);
    const command =
      back === undefined ? parseFields(ControlSchema, fields) : fromForm(parseFields(FormSchema, fields));
    const result = await sandbox.control(command);
    return back === undefined ? context.json(result) : context.redirect(`${back}?did=sandbox`, 303);
  });
  return control;
}

function fromForm(form: z.infer<typeof FormSchema>): z.infer<typeof ControlSchema> {
  if ('fault' in form) return { faults: { [form.fault]: form.on === 'true' } };
  return { edit: { record: form.record, id: form.id, set: { [form.field]: form.value } } };
}

function known(context: Context, sandboxes: readonly SandboxProcess[]): SandboxProcess {
  const sandbox = sandboxes.find((each) => each.vendor === context.req.param('vendor'));
  if (sandbox) return sandbox;
  throw new Problem(
    404,
    'no such sandbox',
    `the sandboxes are: ${sandboxes.map((each) => each.vendor).join(', ') || '(none)'}`,
  );
}
