import { expect, test } from 'vitest';
import { readEnvironment } from '../../../shared/hosts/embedded/environment.ts';

test('nothing is needed', () => {
  expect(readEnvironment({})).toEqual({});
  expect(readEnvironment({ INTERTIE_PAGER_URL: '' })).toEqual({});
});

test('the pager may have an address', () => {
  expect(readEnvironment({ INTERTIE_PAGER_URL: 'https://chat.example/hook' })).toEqual({
    pagerUrl: 'https://chat.example/hook',
  });
});

test.each(['chat.example', 'ftp://chat.example/x'])(
  '%s is refused by the name of the variable',
  (address) => {
    expect(() => readEnvironment({ INTERTIE_PAGER_URL: address })).toThrow('INTERTIE_PAGER_URL');
  },
);
