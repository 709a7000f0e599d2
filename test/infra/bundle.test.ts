import { expect, test } from 'vitest';
import { services } from '../../functions/services.ts';
import { bundleHandler } from '../../infra/bundle.ts';
import { SERVICE_HANDLERS } from '../../shared/hosts/aws/schedules.ts';

const bundles = services.flatMap(({ name }) => SERVICE_HANDLERS.map((handler) => [name, handler] as const));

test.each(bundles)(
  'the bundle of %s %s is small, and imports nothing that loads Node’s fetch',
  (name, handler) => {
    const { text } = bundleHandler(`functions/${name}/handlers.ts`, handler);
    expect(Buffer.byteLength(text)).toBeLessThan(700_000);
    expect(text.match(/from"(node:)?https?"/g)).toBe(null);
  },
);
