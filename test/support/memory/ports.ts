import type { FiledDocuments } from '../../../shared/engine/filing.ts';
import type { Clock, Http, Ports, Random } from '../../../shared/engine/ports.ts';
import { HttpFailure } from '../../../shared/engine/ports.ts';
import { seededRandom, virtualClock } from './clock.ts';
import { memoryDeadLetters } from './dead-letters.ts';
import { memoryDocuments, memorySecrets } from './documents.ts';
import { memoryLinks } from './links.ts';
import { memoryQueue } from './queue.ts';
import type { MemoryState } from './state.ts';
import { emptyState } from './state.ts';
import { memoryMeter, memoryTrail } from './told.ts';

export interface MemoryOptions {
  state?: MemoryState;
  clock?: Clock;
  random?: Random;
  /** Without one, every request fails as if refused. */
  http?: Http;
}

/** Every port over one state: for engine tests, which look at `state` to see what happened. */
export function memoryPorts(options: MemoryOptions = {}): Ports & {
  state: MemoryState;
  documents: FiledDocuments;
} {
  const state = options.state ?? emptyState();
  const clock = options.clock ?? virtualClock();
  const now = () => clock.now();
  return {
    state,
    clock,
    random: options.random ?? seededRandom(1),
    links: memoryLinks(state),
    queue: memoryQueue(state, now),
    deadLetters: memoryDeadLetters(state, now),
    documents: memoryDocuments(state),
    secrets: memorySecrets(state),
    trail: memoryTrail(state),
    meter: memoryMeter(state),
    http: options.http ?? (async () => Promise.reject(new HttpFailure('there is no network here', false))),
  };
}
