import { describe, expect, test } from 'vitest';
import { flows } from '../../../functions/flows.ts';
import { type Bundle, bundleHandler } from '../../../infra/bundle.ts';
import { HANDLERS, type HandlerName } from '../../../shared/hosts/aws/schedules.ts';

const KB = 1_000;
/** What a flow brings along, its vendors and the tables of telephone numbers: it grows with the flow, not with the host. */
const FLOW = /^(functions|shared\/connectors|shared\/values)\/|node_modules\/libphonenumber-js\//;

const cases = flows.flatMap(({ name }) => HANDLERS.map((handler) => ({ flow: name, handler })));
const bundles = new Map<string, Bundle>();
function bundleOf(flow: string, handler: HandlerName): Bundle {
  const key = `${flow}/${handler}`;
  const known = bundles.get(key) ?? bundleHandler(`functions/${flow}/handlers.ts`, handler);
  bundles.set(key, known);
  return known;
}

function inputsOf({ metafile }: Bundle): [path: string, bytes: number][] {
  return Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).map(([path, { bytesInOutput }]): [string, number] => [path, bytesInOutput]),
  );
}

describe('a bundle', () => {
  test.each(cases)('$flow $handler holds no sandbox, no CDK and no web server', ({ flow, handler }) => {
    const inputs = inputsOf(bundleOf(flow, handler)).map(([path]) => path);
    const foreign =
      /connectors\/[^/]+\/sandbox|aws-cdk-lib|constructs|node_modules\/(hono|@hono|commander|fauxqs|fast-check)\/|hosts\/embedded|shared\/operate|credential-provider-(node|sso|ini)/;
    expect(inputs.filter((path) => foreign.test(path))).toEqual([]);
    expect(inputs).toContain(`functions/${flow}/flow.ts`);
  });

  test.each(cases)('$flow $handler holds the code of its own errand only', ({ flow, handler }) => {
    const handlers = inputsOf(bundleOf(flow, handler))
      .filter(([, bytes]) => bytes > 0)
      .flatMap(([path]) => /hosts\/aws\/handlers\/(\w+)\.ts$/.exec(path)?.[1] ?? [])
      .filter((name) => HANDLERS.some((each) => each === name));
    expect(handlers).toEqual([handler]);
  });

  test.each(cases)('$flow $handler is small beside its flow', ({ flow, handler }) => {
    const bundle = bundleOf(flow, handler);
    const flowBytes = inputsOf(bundle)
      .filter(([path]) => FLOW.test(path))
      .reduce((sum, [, bytes]) => sum + bytes, 0);
    const limit = (handler === 'receive' ? 400 : 460) * KB;
    expect(Buffer.byteLength(bundle.text) - flowBytes).toBeLessThanOrEqual(limit);
  });

  test.each(cases)(
    '$flow $handler can be loaded, and does nothing before it is called',
    async ({ flow, handler }) => {
      const url = `data:text/javascript;base64,${Buffer.from(fromHere(bundleOf(flow, handler).text)).toString('base64')}`;
      const loaded: { handler?: unknown } = await import(/* @vite-ignore */ url);
      expect(loaded.handler).toBeTypeOf('function');
    },
  );
});

/** A data URL is no place that `require` could be relative to. */
function fromHere(text: string): string {
  return text.replaceAll('import.meta.url', JSON.stringify(import.meta.url));
}
