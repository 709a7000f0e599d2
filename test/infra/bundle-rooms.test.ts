import { expect, test } from 'vitest';
import { services } from '../../functions/services.ts';
import { bundleHandler } from '../../infra/bundle.ts';
import { SERVICE_HANDLERS } from '../../shared/hosts/aws/schedules.ts';

const bundles = services.flatMap(({ name }) => SERVICE_HANDLERS.map((handler) => [name, handler] as const));

test.each(bundles)('the bundle of %s %s holds no desk, no console and no sandbox', (name, handler) => {
  const { metafile } = bundleHandler(`functions/${name}/handlers.ts`, handler);
  const files = Object.keys(metafile.inputs);
  expect(files).toContain(`functions/${name}/run.ts`);
  expect(files.filter((file) => /\/desk\/|^shared\/operate\/|\/sandbox[^/]*\.ts$/.test(file))).toEqual([]);
});
