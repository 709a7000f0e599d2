import type { FiledDocuments } from '../../engine/filing.ts';
import type { Clock, Http, Ports } from '../../engine/ports.ts';
import { random, clock as usualClock } from '../clock.ts';
import { deadLetters } from './dead-letters.ts';
import { documents } from './documents.ts';
import { links } from './links.ts';
import { openMeter, type StoreMeter } from './meter.ts';
import { releaseOrphans } from './orphans.ts';
import { type Backlog, queue } from './queue.ts';
import { secrets } from './secrets.ts';
import { openStore } from './store.ts';
import { type FileTrail, openTrail, type TrailOptions } from './trail.ts';

/** All ports of one data directory, and what this host can tell beyond them. */
export interface EmbeddedPorts extends Ports {
  queue: Ports['queue'] & Backlog;
  documents: FiledDocuments;
  trail: FileTrail;
  meter: StoreMeter;
  /** Writes everything down and lets go of the directory. */
  close(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Made when it is not there. */
  dir: string;
  http: Http;
  trailLost?: TrailOptions['lost'];
  /** The machine's unless said. */
  clock?: Clock;
  /** False = what is written may be lost with the machine: for data that nobody keeps. */
  synced?: boolean;
}

/** Throws one clear error when the directory is in use by another process, damaged, or of a newer version. */
export function openEmbeddedPorts(options: EmbeddedOptions): EmbeddedPorts {
  const { dir, http, trailLost, clock = usualClock, synced = true } = options;
  const store = openStore({ dir, now: clock.now, synced });
  releaseOrphans(store);
  const trail = openTrail(trailLost ? { dir, lost: trailLost } : { dir });
  const meter = openMeter(store);
  return {
    clock,
    random,
    http,
    links: links(store),
    queue: queue(store),
    deadLetters: deadLetters(store),
    documents: documents(store),
    secrets: secrets(store),
    trail,
    meter,
    close: async () => {
      await Promise.all([trail.close(), meter.close()]);
      store.close();
    },
  };
}
