import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { listen } from '../../../shared/hosts/embedded/listen.ts';
import { pagePost } from '../../../shared/hosts/embedded/page-post.ts';
import { httpClient } from '../../../shared/hosts/http-client.ts';

test('a page arrives as JSON, and one that is refused is an error', async () => {
  const arrived: unknown[] = [];
  let status: 200 | 500 = 200;
  const service = new Hono().post('/page', async (context) => {
    arrived.push(await context.req.json());
    return context.text('', status);
  });
  const server = await listen(service, 0);
  const post = pagePost(httpClient({ maxSockets: 1 }), `http://127.0.0.1:${server.port}/page`);
  const alert = {
    key: 'k',
    flow: 'orders',
    severity: 'page' as const,
    title: 'down',
    text: 'Impact: late',
    since: 0,
  };
  await post({ kind: 'opened', alert, at: 1_000 });
  expect(arrived).toEqual([
    {
      kind: 'opened',
      key: 'k',
      flow: 'orders',
      title: 'down',
      text: 'Impact: late',
      since: '1970-01-01T00:00:00.000Z',
      at: '1970-01-01T00:00:01.000Z',
    },
  ]);
  status = 500;
  await expect(post({ kind: 'closed', alert, at: 2_000 })).rejects.toThrow('500');
  await server.close(0);
});
