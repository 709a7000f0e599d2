/** Prints each step with a tick or a cross, and counts. */
export class Told {
  passed = 0;
  failed = 0;
  readonly #began = Date.now();

  /** The story goes on after a failed step where `mustHold` is false. */
  async step<T>(what: string, run: () => Promise<T>): Promise<T> {
    const began = Date.now();
    try {
      const result = await run();
      this.passed += 1;
      this.#say(`✓ ${what} (${seconds(began)})`);
      return result;
    } catch (error) {
      this.failed += 1;
      this.#say(
        `✗ ${what} (${seconds(began)})\n    ${error instanceof Error ? error.message : String(error)}`,
      );
      throw error;
    }
  }

  end(): void {
    this.#say(`${this.passed} passed, ${this.failed} failed in ${seconds(this.#began)}`);
  }

  #say(line: string): void {
    process.stdout.write(`${line}\n`);
  }
}

/** Asks again until it is true; throws with the last answer after `limit` seconds. */
export async function until(what: string, limit: number, ask: () => Promise<unknown>): Promise<void> {
  const end = Date.now() + limit * 1_000;
  for (;;) {
    if (await ask()) return;
    if (Date.now() > end) throw new Error(`not within ${limit} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function seconds(since: number): string {
  return `${((Date.now() - since) / 1_000).toFixed(1)} s`;
}
