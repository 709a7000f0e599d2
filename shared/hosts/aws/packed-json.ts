import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/**
 * Above this many bytes JSON is deflated: writes are paid per started kilobyte of the whole item, and a link
 * that remembers five outcomes would cost two. Repetitive JSON shrinks to about a third.
 */
const PACK_ABOVE = 600;

/** JSON as one attribute: a string that people can read in the console, or bytes when it is long. */
export function packJson(value: unknown): AttributeValue {
  const text = JSON.stringify(value);
  if (text.length <= PACK_ABOVE) return { S: text };
  return { B: deflateRawSync(text) };
}

export function unpackJson(attribute: AttributeValue | undefined): unknown {
  if (attribute?.S !== undefined) return JSON.parse(attribute.S);
  if (attribute?.B !== undefined) return JSON.parse(inflateRawSync(attribute.B).toString('utf8'));
  return undefined;
}
