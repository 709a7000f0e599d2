import { SingleBar } from 'cli-progress';

/** What the person at the terminal sees: lines, and below them one bar while the first backfill runs. */
export interface Screen {
  say(text: string): void;
  progress(title: string, at: { done: number; total: number }): void;
  progressEnds(): void;
}

export interface ScreenOutput {
  isTTY?: boolean;
  write(text: string): unknown;
}

/** Plain lines where there is no terminal: a progress line for every tenth part. */
export function openScreen(output: NodeJS.WriteStream | ScreenOutput): Screen {
  return 'clearLine' in output && output.isTTY ? terminalScreen(output) : plainScreen(output);
}

function plainScreen(output: ScreenOutput): Screen {
  let told = '';
  return {
    say: (text) => void output.write(`${text}\n`),
    progress(title, { done, total }) {
      const step = `${title} ${total === 0 ? 0 : Math.floor((10 * done) / total)}`;
      if (step === told) return;
      told = step;
      output.write(`${title}: ${done} of ${total}\n`);
    },
    progressEnds() {
      told = '';
    },
  };
}

function terminalScreen(output: NodeJS.WriteStream): Screen {
  let bar: SingleBar | undefined;
  return {
    say(text) {
      // A line must not be torn apart by the bar, so the bar is wiped first and drawn again at its next step.
      if (bar) {
        output.clearLine(0);
        output.cursorTo(0);
      }
      output.write(`${text}\n`);
    },
    progress(title, { done, total }) {
      if (!bar) {
        const format = '{title} [{bar}] {value}/{total} records';
        bar = new SingleBar({ format, stream: output, hideCursor: true, fps: 5 });
        bar.start(Math.max(total, 1), done, { title });
      }
      bar.setTotal(Math.max(total, 1));
      bar.update(done, { title });
    },
    progressEnds() {
      bar?.stop();
      bar = undefined;
    },
  };
}
