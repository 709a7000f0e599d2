import { expect, test } from 'vitest';
import { webhook } from '../../../shared/connectors/tessitura/index.ts';

test('there is none, and it says why', () => {
  expect(webhook).toEqual({ kind: 'none', because: expect.stringContaining('polled') });
});
