import type { Html } from './console/layout.ts';

/** How people operate one service: what the command line offers, and what the console shows. No worker loads it. */
export interface ServiceDesk {
  /** The service's name; its commands begin with it. */
  readonly service: string;
  readonly title: string;
  /** What a caller needs first, without `npm run intertie --`; `npm start` prints it. */
  readonly first: string;
  readonly commands: readonly DeskCommand[];
  readonly pages: readonly DeskPage[];
  /** What the console says after a form of that command came back. */
  readonly notices: Readonly<Record<string, string>>;
}

/** One command of the command line. */
export interface DeskCommand {
  /** As it is typed after the service's name, one word or two: `key create`. */
  readonly name: string;
  readonly says: string;
  /** In their order, `<must>` or `[may]`, each with what it is. */
  readonly args?: readonly (readonly [name: string, says: string])[];
  /** As commander writes them: `--last <n>`, each with what it is. */
  readonly options?: readonly (readonly [flags: string, says: string])[];
  /** The service's command and its input, from what was typed. */
  ask(typed: Typed): Asked;
  /** Its answer, for people. */
  lines(answer: unknown, now: number): readonly string[];
}

/** Arguments by position, and options by their names in camelCase. */
export interface Typed {
  readonly args: readonly (string | undefined)[];
  readonly options: Readonly<Record<string, unknown>>;
}

/** A command of the service with its input. What is undefined was not said. */
export interface Asked {
  readonly command: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Runs a command of the service; throws a Problem for what cannot be done. */
export type Ask = (command: string, input: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** One page of the console, below `/services/<service>`. */
export interface DeskPage {
  /** `/` for the first one; `/payments/:id` has a part with a name. */
  readonly path: string;
  /** Undefined = there is no such thing. */
  build(ask: Ask, at: DeskPlace): Promise<DeskContent | DeskFile | undefined>;
}

/** What the address of a page says. */
export interface DeskPlace {
  readonly parts: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** The address itself, for forms to come back to. */
  readonly here: string;
  readonly now: number;
}

export interface DeskContent {
  readonly title: string;
  /** Between the service and this page. */
  readonly trail?: readonly { text: string; href?: string }[];
  readonly html: Html;
}

/** A file to be saved. */
export interface DeskFile {
  readonly file: string;
  readonly type: string;
  readonly text: string;
}
