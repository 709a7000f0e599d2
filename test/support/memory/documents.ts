import type { Document, FiledDocuments, Filing } from '../../../shared/engine/filing.ts';
import type { Page, Secrets } from '../../../shared/engine/ports.ts';
import { byText, type MemoryState } from './state.ts';

export function getDocumentIn(state: MemoryState, key: string): Document | undefined {
  const stored = state.documents.get(key);
  return stored && { value: JSON.parse(stored.json), revision: String(stored.revision) };
}

export function putDocumentIn(
  state: MemoryState,
  { key, value, filed }: { key: string; value: unknown; filed?: Filing | undefined },
  revision: string | undefined,
): boolean {
  const stored = state.documents.get(key);
  if ((stored && String(stored.revision)) !== revision) return false;
  const made = { json: JSON.stringify(value), revision: (stored?.revision ?? 0) + 1 };
  state.documents.set(key, { ...made, ...(filed && { filed }) });
  return true;
}

function listedIn(state: MemoryState, list: string, limit: number, after?: string): Page<string> {
  const rows = [...state.documents].flatMap(([key, { filed }]) =>
    filed?.list === list ? [{ key, place: `${String(filed.at).padStart(16, '0')} ${key}` }] : [],
  );
  const rest = rows
    .sort((a, b) => byText(a.place, b.place))
    .filter(({ place }) => after === undefined || place > after);
  const shown = rest.slice(0, limit);
  const last = shown.at(-1)?.place;
  return {
    items: shown.map(({ key }) => key),
    ...(rest.length > limit && last !== undefined && { next: last }),
  };
}

export function memoryDocuments(state: MemoryState): FiledDocuments {
  return {
    get: async (key) => getDocumentIn(state, key),
    put: async (key, value, revision, filed) => putDocumentIn(state, { key, value, filed }, revision),
    listed: async (list, limit, after) => listedIn(state, list, limit, after),
  };
}

export function getSecretIn(
  state: MemoryState,
  name: string,
): { value: unknown; version: string } | undefined {
  const stored = state.secrets.get(name);
  return stored && { value: JSON.parse(stored.json), version: String(stored.version) };
}

export function putSecretIn(state: MemoryState, name: string, value: unknown): void {
  const version = (state.secrets.get(name)?.version ?? 0) + 1;
  state.secrets.set(name, { json: JSON.stringify(value), version });
}

export function memorySecrets(state: MemoryState): Secrets {
  return {
    get: async (name) => getSecretIn(state, name),
    put: async (name, value) => putSecretIn(state, name, value),
  };
}
