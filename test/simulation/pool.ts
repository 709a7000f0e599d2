import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { addTo, type BatchReport, type BatchRequest, emptyReport, runBatch } from './batch.ts';
import { loadCode } from './code.ts';
import { runPayBatch } from './payments/pay-batch.ts';
import { loadPayCode } from './payments/pay-code.ts';

/** Seeds that one thread takes at a time. */
const PORTION = 25;

interface Task extends BatchRequest {
  /** Where the engine is. */
  folder: string;
  /** No further portion is begun once it says so. */
  enough?: () => boolean;
}

/** Spreads seeds over threads. `progress` is told how many are done. */
export class Pool {
  readonly #threads: Worker[];

  constructor(jobs: number) {
    this.#threads = Array.from({ length: jobs }, () => new Worker(new URL(import.meta.url)));
  }

  async run(task: Task, progress: (done: number) => void = () => undefined): Promise<BatchReport> {
    const total = emptyReport();
    let next = task.from;
    const end = task.from + task.seeds;
    const { enough = () => false, ...request } = task;
    const over = () => next >= end || enough() || (task.stopAtFirst && total.failures.length > 0);
    const one = async (thread: Worker): Promise<void> => {
      while (!over()) {
        const from = next;
        next += PORTION;
        const part = await ask(thread, { ...request, from, seeds: Math.min(PORTION, end - from) });
        addTo(total, part);
        progress(total.seeds);
      }
    };
    await Promise.all(this.#threads.map(one));
    total.failures.sort((a, b) => a.seed - b.seed);
    return total;
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }
}

function ask(thread: Worker, task: Task): Promise<BatchReport> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => reject(error);
    thread.once('error', failed);
    thread.once('message', (report: BatchReport) => {
      thread.off('error', failed);
      resolve(report);
    });
    thread.postMessage(task);
  });
}

if (!isMainThread && parentPort) {
  const port = parentPort;
  port.on('message', async (task: Task) =>
    port.postMessage(
      task.payments
        ? await runPayBatch(await loadPayCode(task.folder), { ...task, payments: task.payments })
        : await runBatch(await loadCode(task.folder), task),
    ),
  );
}
