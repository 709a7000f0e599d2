/** Deeper bodies than that are nobody's. */
const DEEPEST = 12;

/** The value, or where it is not the JSON that every reader would understand alike. */
export type ReadJson = { ok: true; value: unknown } | { ok: false; field: string; because: string };

interface Frame {
  /** Keys seen; undefined for an array. */
  keys: Set<string> | undefined;
  path: string;
  /** The key or index that is being read. */
  at: string;
  /** The next string is a key. */
  awaitsKey: boolean;
}

/** JSON in which no object has a key twice: readers differ in which of the two they believe. */
export function readJson(text: string): ReadJson {
  const problem = nestingProblem(text);
  if (problem) return { ok: false, ...problem };
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false, field: 'body', because: 'it is not valid JSON' };
  }
}

/** Follows strings and brackets only; what is not JSON in other ways is for the parser to say. */
function nestingProblem(text: string): { field: string; because: string } | undefined {
  const frames: Frame[] = [];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]/gs)) {
    const frame = frames.at(-1);
    if (token === '{' || token === '[') {
      if (frames.length >= DEEPEST) return { field: 'body', because: 'it is nested too deeply' };
      const keys = token === '{' ? new Set<string>() : undefined;
      frames.push({ keys, path: frame ? below(frame) : '', at: '0', awaitsKey: token === '{' });
    } else if (token === '}' || token === ']') frames.pop();
    else if (token === ',' && frame) next(frame);
    else if (token === ':' && frame) frame.awaitsKey = false;
    else if (frame?.keys && frame.awaitsKey) {
      frame.at = decoded(token);
      if (frame.keys.has(frame.at)) return { field: below(frame), because: 'it is there twice' };
      frame.keys.add(frame.at);
    }
  }
  return undefined;
}

function next(frame: Frame): void {
  if (frame.keys) frame.awaitsKey = true;
  else frame.at = String(Number(frame.at) + 1);
}

function below({ path, at }: Frame): string {
  return path === '' ? at : `${path}.${at}`;
}

/** `"\u0061"` and `"a"` are one key. */
function decoded(token: string): string {
  try {
    return String(JSON.parse(token));
  } catch {
    return token;
  }
}
