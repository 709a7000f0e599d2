import type { Document, Documents, Secrets } from '../../../shared/engine/ports.ts';
import type { MemoryState } from './state.ts';

export function getDocumentIn(state: MemoryState, key: string): Document | undefined {
  const stored = state.documents.get(key);
  return stored && { value: JSON.parse(stored.json), revision: String(stored.revision) };
}

export function putDocumentIn(
  state: MemoryState,
  key: string,
  value: unknown,
  revision: string | undefined,
): boolean {
  const stored = state.documents.get(key);
  if ((stored && String(stored.revision)) !== revision) return false;
  state.documents.set(key, { json: JSON.stringify(value), revision: (stored?.revision ?? 0) + 1 });
  return true;
}

export function memoryDocuments(state: MemoryState): Documents {
  return {
    get: async (key) => getDocumentIn(state, key),
    put: async (key, value, revision) => putDocumentIn(state, key, value, revision),
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
