import * as z from 'zod';
import { notFound, ok, type Reply, type Request, refusal } from './sandbox-reply.ts';

const BatchSchema = z.object({
  Requests: z.array(
    z.object({
      Id: z.int(),
      HttpMethod: z.string(),
      Uri: z.string(),
      ContinueOnError: z.boolean().optional(),
      Content: z.unknown().optional(),
    }),
  ),
});

type Part = z.infer<typeof BatchSchema>['Requests'][number];

/** Without ContinueOnError a part that fails ends the batch. */
export function batch(answer: (request: Request) => Reply, { body }: Request, root: string): Reply {
  const parsed = BatchSchema.safeParse(body);
  if (!parsed.success) return refusal(400, 'The batch request is not valid.', 'Requests');
  const Responses = [];
  for (const part of parsed.data.Requests) {
    const reply = partReply(answer, part, root);
    const failed = reply.status >= 400;
    const outcome = failed ? { ErrorMessages: reply.body } : { ResponseObject: reply.body };
    Responses.push({ RequestId: part.Id, StatusCode: reply.status, ...outcome });
    if (failed && part.ContinueOnError !== true) return ok({ Responses, BatchFailed: true });
  }
  return ok({ Responses, BatchFailed: false });
}

function partReply(answer: (request: Request) => Reply, part: Part, root: string): Reply {
  const url = URL.parse(part.Uri);
  const path = url && segmentsBelow(root, url.pathname);
  if (!path) return notFound('Resource');
  const request = {
    method: part.HttpMethod.toUpperCase(),
    path,
    query: url.searchParams,
    body: part.Content,
  };
  return answer(request);
}

/** Undefined when the path is not below the service's root; the web server compares without case. */
export function segmentsBelow(root: string, pathname: string): string[] | undefined {
  if (!pathname.toLowerCase().startsWith(`${root.toLowerCase()}/`)) return undefined;
  return pathname
    .slice(root.length + 1)
    .split('/')
    .filter((segment) => segment !== '')
    .map(decodeURIComponent);
}
