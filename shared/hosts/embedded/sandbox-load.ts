import * as z from 'zod';
import type { Sandbox, SandboxOptions } from '../../connectors/sandbox.ts';

type Make = (options: SandboxOptions) => Sandbox;
const MakeSchema = z.custom<Make>((value) => typeof value === 'function');

/** The sandbox of a connector: `<vendor>Sandbox` in its `sandbox.ts`. */
export async function loadSandbox(vendor: string, options: SandboxOptions): Promise<Sandbox> {
  const module: unknown = await import(`../../connectors/${vendor}/sandbox.ts`);
  const name = `${vendor.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}Sandbox`;
  const make = z.object({ [name]: MakeSchema }).safeParse(module).data?.[name];
  if (!make) throw new Error(`connector "${vendor}": sandbox.ts must export the function ${name}`);
  return make(options);
}
