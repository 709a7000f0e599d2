import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';

/** The largest answer that is read, as sent and as decoded. */
const MOST_BYTES = 20_000_000;

const decoders = {
  gzip: promisify(gunzip),
  br: promisify(brotliDecompress),
  deflate: promisify(inflate),
};

/** The whole body as UTF-8. Rejects when it ends early, is too large or cannot be decoded. */
export async function readBody(response: IncomingMessage): Promise<string> {
  const raw = await readRaw(response);
  const bytes = raw.length === 0 ? raw : await decoded(raw, response.headers['content-encoding'] ?? '');
  return new TextDecoder().decode(bytes);
}

function readRaw(response: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MOST_BYTES) chunks.push(chunk);
      else reject(tooLarge());
    });
    response.on('end', () => resolve(Buffer.concat(chunks)));
    response.on('error', reject);
  });
}

async function decoded(raw: Buffer, encoding: string): Promise<Buffer> {
  const decode = decoderOf(encoding.trim().toLowerCase());
  if (!decode) return raw;
  try {
    return await decode(raw, { maxOutputLength: MOST_BYTES });
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge(cause);
    throw new Error(`the answer cannot be decoded from ${encoding}`, { cause });
  }
}

/** Undefined for a body that is not encoded, or in a way that we did not accept. */
function decoderOf(encoding: string) {
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return decoders.gzip;
    case 'br':
      return decoders.br;
    case 'deflate':
      return decoders.deflate;
    default:
      return undefined;
  }
}

function tooLarge(cause?: Error): Error {
  return new Error(`the answer is larger than ${MOST_BYTES} bytes: ask for smaller pages`, { cause });
}
