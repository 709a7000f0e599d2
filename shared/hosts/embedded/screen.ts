import { SingleBar } from 'cli-progress';

/** What the person at the terminal sees: lines, and below them one bar while the first backfill runs. */
export interface Screen {
  say(text: string): void;
  /** Undefined total = not known yet. */
  progress(title: string, done: number, total: number | undefined): void;
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
  let told = -1;
  return {
    say: (text) => void output.write(`${text}\n`),
    progress(title, done, total) {
      const tenth = total === undefined || total === 0 ? 0 : Math.floor((10 * done) / total);
      if (tenth === told) return;
      told = tenth;
      output.write(`${title}: ${done}${total === undefined ? '' : ` of ${total}`}\n`);
    },
    progressEnds() {
      told = -1;
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
    progress(title, done, total) {
      if (!bar) {
        bar = new SingleBar({
          format: '{title} [{bar}] {value}/{total} records',
          stream: output,
          hideCursor: true,
          fps: 5,
        });
        bar.start(Math.max(total ?? 0, done, 1), done, { title });
      }
      bar.setTotal(Math.max(total ?? 0, done, 1));
      bar.update(done, { title });
    },
    progressEnds() {
      bar?.stop();
      bar = undefined;
    },
  };
}
