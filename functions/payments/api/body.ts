import { holdsCardNumber } from './card-number.ts';
import { Refusal } from './problem.ts';
import { readJson } from './strict-json.ts';

/** The largest body that is read. */
const LARGEST = 65_536;

/** The JSON of a request; undefined when it has no body. Nothing of it is believed or kept yet. */
export async function readBody(request: Request): Promise<unknown> {
  const text = await readText(request);
  if (text === '') return undefined;
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json')
    throw new Refusal('media-type', {
      field: 'Content-Type',
      because: 'bodies are JSON',
      next: 'send it with Content-Type: application/json',
    });
  const read = readJson(text);
  // Before anything else is said of it: what we answer must not repeat a card's number.
  if (holdsCardNumber(text)) throw cardNumber('body');
  if (!read.ok)
    throw new Refusal('malformed-body', {
      field: read.field,
      because: read.because,
      next: 'send one JSON object in which each field is there once',
    });
  check(read.value, '');
  return read.value;
}

async function readText(request: Request): Promise<string> {
  const { body } = request;
  if (Number(request.headers.get('content-length') ?? 0) > LARGEST) throw tooLarge();
  if (!body) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > LARGEST) throw tooLarge();
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch {
    const because = 'it is not UTF-8';
    throw new Refusal('malformed-body', { field: 'body', because, next: 'send UTF-8 without other bytes' });
  }
}

function tooLarge(): Refusal {
  const next = 'send only the fields that are documented';
  return new Refusal('body-too-large', {
    field: 'body',
    because: `it is larger than ${LARGEST} bytes`,
    next,
  });
}

function cardNumber(field: string): Refusal {
  return new Refusal('card-number', {
    field,
    because: 'it holds digits that may be a card number',
    next: "send the provider's token instead; if it is a number of your own, put letters between its digits",
  });
}

/** Every text in it, names of fields too. */
function check(value: unknown, path: string): void {
  if (typeof value === 'string') checkText(value, path);
  else if (typeof value === 'object' && value !== null)
    for (const [name, inner] of Object.entries(value)) {
      checkText(name, path);
      check(inner, path === '' ? name : `${path}.${name}`);
    }
}

function checkText(text: string, path: string): void {
  const field = path === '' ? 'body' : path;
  // Escapes hide a number from a look at the bytes.
  if (holdsCardNumber(text)) throw cardNumber(field);
  if (/\p{Cc}/u.test(text) || !text.isWellFormed())
    throw new Refusal('invalid', {
      field,
      because: 'it holds control characters, or halves of characters',
      next: 'send plain text in one line',
    });
}
