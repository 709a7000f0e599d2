import { describe, expect, test } from 'vitest';
import { CAUSES, LANES } from '../shared/engine/change-event.ts';
import { FAULT_KINDS } from '../shared/engine/fault.ts';
import { OUTCOMES } from '../shared/engine/trail.ts';
import { CONNECTOR_FILES } from './connectors/contract.ts';
import {
  entriesOf,
  importsOf,
  type RepositoryFile,
  repositoryFiles,
  withoutComments,
  withoutWords,
} from './support/source-files.ts';

const files = repositoryFiles();
const typescript = files.filter((file) => file.path.endsWith('.ts'));
const source = typescript.filter((file) => !file.path.startsWith('test/'));
const vendors = entriesOf('shared/connectors').folders;
const flows = entriesOf('functions').folders;

/** The whole list at once, so that one run shows all there is to mend. */
function expectNone(offenders: readonly string[], whatToDo: string): void {
  expect(offenders, `${whatToDo}\n  ${offenders.join('\n  ')}\n`).toEqual([]);
}

function textOf(path: string): string {
  return files.find((file) => file.path === path)?.text ?? '';
}

const SANDBOX = /^shared\/connectors\/[^/]+\/sandbox/;
const HANDLERS = /^functions\/[^/]+\/handlers\.ts$/;

interface Room {
  name: string;
  holds(path: string): boolean;
  /** Of the import's target: a path from the root, or a package. */
  may: RegExp;
  because: string;
}

const CORE = 'shared/(engine|values)/';

/** What each room may import. `.biome.json` says the same to the editor; this also sees what no rule foresaw. */
const ROOMS: readonly Room[] = [
  {
    name: 'engine',
    holds: (path) => path.startsWith('shared/engine/'),
    may: new RegExp(`^(${CORE}|zod$|node:crypto$)`),
    because: 'the engine is pure: everything else reaches it through a port of shared/engine/ports.ts',
  },
  {
    name: 'values',
    holds: (path) => path.startsWith('shared/values/'),
    may: /^(shared\/values\/|zod$|libphonenumber-js|dinero\.js\/currencies$)/,
    because: 'a value stands alone, so that every room may use it',
  },
  ...vendors.map((vendor) => ({
    name: `connector ${vendor}`,
    holds: (path: string) => path.startsWith(`shared/connectors/${vendor}/`) && !SANDBOX.test(path),
    may: new RegExp(
      `^(${CORE}|shared/connectors/(${vendor}/(?!sandbox)|(connector|payment-provider)\\.ts$)|zod$|node:crypto$)`,
    ),
    because: 'a connector knows its vendor and the core, never another vendor, a host or its own sandbox',
  })),
  ...vendors.map((vendor) => ({
    name: `sandbox of ${vendor}`,
    holds: (path: string) => path.startsWith(`shared/connectors/${vendor}/sandbox`),
    may: new RegExp(
      `^(${CORE}|shared/connectors/(${vendor}/|connector\\.ts$|sandbox\\.ts$)|zod$|hono|@hono/|node:)`,
    ),
    because: 'a sandbox plays one vendor over HTTP and knows nothing of hosts and flows',
  })),
  {
    name: 'what hosts share',
    holds: (path) => /^shared\/hosts\/[^/]+\.ts$/.test(path),
    may: new RegExp(`^(${CORE}|shared/hosts/[^/]+\\.ts$|node:(?!sqlite))`),
    because: 'it reaches every Lambda bundle, so it stays small and knows no host',
  },
  {
    name: 'embedded host',
    holds: (path) => path.startsWith('shared/hosts/embedded/'),
    may: new RegExp(
      `^(${CORE}|shared/(hosts/embedded|operate)/|shared/hosts/[^/]+\\.ts$|functions/[^/]+\\.ts$|shared/connectors/([^/]+/)?(sandbox|connector)\\.ts$|(?!@aws|aws-|functions/|shared/|infra/|test/))`,
    ),
    because: 'a host serves every flow and vendor alike, and no host knows another',
  },
  {
    name: 'aws host',
    holds: (path) => path.startsWith('shared/hosts/aws/'),
    may: new RegExp(
      `^(${CORE}|shared/hosts/(aws/|[^/]+\\.ts$)|shared/operate/(api/|client\\.ts$)|shared/connectors/connector\\.ts$|@aws-|zod$|node:(?!sqlite))`,
    ),
    because: 'a Lambda bundle holds one flow: connectors come with its definition, sandboxes never',
  },
  {
    name: 'operate',
    holds: (path) => path.startsWith('shared/operate/'),
    may: new RegExp(
      `^(${CORE}|shared/operate/|shared/hosts/(aws/operator|embedded/(local-secrets|drill/stage))\\.ts$|functions/[^/]+\\.ts$|shared/connectors/(sandbox|connector)\\.ts$|(?!@aws|aws-|functions/|shared/|infra/|test/))`,
    ),
    because: 'operating works for every flow and vendor alike, through the API of a host',
  },
  ...flows.map((flow) => ({
    name: `desk of ${flow}`,
    holds: (path: string) => path.startsWith(`functions/${flow}/desk/`),
    may: new RegExp(
      `^(${CORE}|functions/${flow}/|shared/operate/(service-desk|format|console/layout)\\.ts$|zod$|hono/html$)`,
    ),
    because: 'a desk shows people what the service answers; it runs in the console and the command line only',
  })),
  ...flows.map((flow) => ({
    name: `flow ${flow}`,
    holds: (path: string) =>
      path.startsWith(`functions/${flow}/`) &&
      !path.startsWith(`functions/${flow}/desk/`) &&
      !HANDLERS.test(path),
    may: new RegExp(
      `^(${CORE}|functions/${flow}/|shared/connectors/([^/]+/(index|schema)|payment-provider)\\.ts$|zod$|hono(/html)?$|node:crypto$)`,
    ),
    because: 'a flow is pure, runs on every host and never needs another flow',
  })),
  {
    name: 'handlers',
    holds: (path) => HANDLERS.test(path),
    may: new RegExp(`^(${CORE}|functions/|shared/hosts/aws/|shared/connectors/[^/]+/index\\.ts$)`),
    because: 'handlers join one flow to shared/hosts/aws and hold no logic',
  },
  {
    name: 'list of flows',
    holds: (path) => /^functions\/[^/]+\.ts$/.test(path),
    may: new RegExp(
      `^(${CORE}|functions/[^/]+/((flow|service)|desk/desk|drill/drill)\\.ts$|shared/connectors/|shared/operate/service-desk\\.ts$)`,
    ),
    because: 'functions/*.ts only list what there is',
  },
  {
    name: 'infra',
    holds: (path) => path.startsWith('infra/'),
    may: /^(infra\/|functions\/([^/]+\/flow|[^/]+)\.ts$|shared\/engine\/|shared\/hosts\/aws\/(environment|metrics|names|schedules|table)\.ts$|aws-cdk-lib|constructs$|cdk-nag$|esbuild$|zod$|node:)/,
    because: 'infra derives resources from flow definitions; it runs no flow',
  },
];

describe('layers', () => {
  test('every source file belongs to exactly one room', () => {
    const lost = source.filter(
      (file) =>
        !/^shared\/connectors\/[^/]+\.ts$/.test(file.path) &&
        ROOMS.filter((room) => room.holds(file.path)).length !== 1,
    );
    expectNone(
      lost.map((file) => file.path),
      'move the file into a room of the import table in test/architecture.test.ts, or give it a room there:',
    );
  });

  test('rooms import only what the import table allows', () => {
    const offenders = source.flatMap((file) =>
      ROOMS.filter((room) => room.holds(file.path)).flatMap((room) =>
        importsOf(file)
          .filter((each) => !room.may.test(each.target))
          .map((each) => `${file.path} imports ${each.target} (${room.name}: ${room.because})`),
      ),
    );
    expectNone(offenders, 'turn the dependency round, or pass what is needed as an argument:');
  });

  test("of node:crypto, pure rooms take nothing but functions of their arguments: the engine only 'hash'", () => {
    const offenders = source
      .filter((file) => file.path.startsWith('shared/engine/'))
      .filter((file) =>
        importsOf(file).some((each) => each.target === 'node:crypto' && each.names !== '{ hash }'),
      );
    expectNone(
      offenders.map((file) => file.path),
      "import { hash } from 'node:crypto' and take random bytes from the Random port:",
    );
  });

  test('no import cycles at run time', () => {
    expectNone(cycles(typescript), 'move what both sides need into a third file:');
  });
});

function cycles(all: readonly RepositoryFile[]): string[] {
  const graph = new Map(
    all.map((file) => [
      file.path,
      importsOf(file)
        .filter((each) => !each.typeOnly)
        .map((each) => each.target),
    ]),
  );
  const finished = new Set<string>();
  const found: string[] = [];
  function visit(path: string, trail: readonly string[]): void {
    const at = trail.indexOf(path);
    if (at >= 0) found.push([...trail.slice(at), path].join(' -> '));
    if (at >= 0 || finished.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    finished.add(path);
  }
  for (const path of graph.keys()) visit(path, []);
  return found;
}

describe('pure rooms', () => {
  const pure = source.filter(
    (file) =>
      /^(shared\/(engine|values|connectors)|functions)\//.test(file.path) &&
      !SANDBOX.test(file.path) &&
      file.path !== 'shared/connectors/sandbox.ts' &&
      !HANDLERS.test(file.path),
  );
  const IMPURE: readonly [RegExp, string][] = [
    [/\bDate\.now\b|\bnew Date\(\s*\)|(?<!new )\bDate\(\s*\)|\bperformance\b/, 'take a Clock or the instant'],
    [/\bMath\.random\b|\brandomUUID\b|\brandomBytes\b|\bgetRandomValues\b/, 'take Random'],
    [/(?<![.\w])fetch\(|\bXMLHttpRequest\b|\bWebSocket\b/, 'take Http or a Session'],
    [/\bset(Timeout|Interval|Immediate)\b|\bAbortSignal\.timeout\b|\bqueueMicrotask\b/, 'take a Clock'],
    [/(?<![.\w])process\.|(?<![.\w])console\.|\bglobalThis\b|\bimport\.meta\b/, 'take it as an argument'],
  ];

  test('have no clock, randomness, I/O or environment of their own', () => {
    const offenders = pure.flatMap((file) =>
      withoutWords(file.text)
        .split('\n')
        .flatMap((line, index) =>
          IMPURE.filter(([pattern]) => pattern.test(line)).map(
            ([, instead]) => `${file.path}:${index + 1} ${line.trim()} (${instead})`,
          ),
        ),
    );
    expectNone(offenders, 'make it an argument, so that a seed repeats every run:');
  });

  test('code that serves every vendor names none', () => {
    const name = new RegExp(vendors.join('|'), 'i');
    const offenders = source
      .filter((file) => /^shared\/(engine|values|hosts|operate)\//.test(file.path))
      .flatMap((file) =>
        withoutComments(file.text)
          .split('\n')
          .flatMap((line, index) => (name.test(line) ? [`${file.path}:${index + 1} ${line.trim()}`] : [])),
      );
    expect(vendors.length).toBeGreaterThan(1);
    expectNone(offenders, 'let the connector declare a property and decide by that:');
  });
});

describe('connectors', () => {
  test.each(vendors)('%s has the files that every connector has', (vendor) => {
    const present = entriesOf(`shared/connectors/${vendor}`).files;
    expectNone(
      CONNECTOR_FILES.filter((file) => !present.includes(file)).map(
        (file) => `shared/connectors/${vendor}/${file}`,
      ),
      "write it; where the vendor lacks the thing, export one value that says so: none('polled: no signed webhooks'):",
    );
  });

  test.each(vendors)('%s runs the contract suite', (vendor) => {
    const tests = typescript.filter((file) => file.path.startsWith(`test/connectors/${vendor}/`));
    const runs = tests.some((file) =>
      importsOf(file).some((each) => each.target === 'test/connectors/contract.ts'),
    );
    expect(runs, `add test/connectors/${vendor}/contract.test.ts that runs test/connectors/contract.ts`).toBe(
      true,
    );
  });
});

describe('files', () => {
  const TOP = [
    'LICENSE',
    'README.md',
    'cdk.json',
    'functions',
    'infra',
    'package-lock.json',
    'package.json',
    'shared',
    'test',
    'tsconfig.json',
  ];

  test('the top level stays small', () => {
    const { folders, files: plain } = entriesOf('.');
    const extra = [...folders, ...plain].filter(
      (name) => !name.startsWith('.') && !TOP.includes(name) && name !== 'node_modules' && name !== 'cdk.out',
    );
    expectNone(extra, 'move it into a room; configuration of a tool is hidden or in package.json:');
  });

  test('no folder or file is named by kind', () => {
    const kind = /(^|\/)(utils?|helpers?|common|types|interfaces|dtos?|misc|lib)(\/|\.ts$)/;
    expectNone(
      files.filter((file) => kind.test(file.path)).map((file) => file.path),
      'name it by what it is about:',
    );
  });

  test('only a connector has an index.ts', () => {
    expectNone(
      typescript
        .filter(
          ({ path }) => path.endsWith('/index.ts') && !/^shared\/connectors\/[^/]+\/index\.ts$/.test(path),
        )
        .map((file) => file.path),
      'import from the file itself; a barrel hides where things are and loads what is not needed:',
    );
  });

  test('a test lies at the path of what it tests', () => {
    // The in-memory ports are test support, and pass the suite that every host passes.
    const elsewhere =
      /^test\/(architecture|scenarios\/|regressions\/|simulation\/|bench\/|support\/|hosts\/memory\.)/;
    const named = new Set(source.map((file) => file.path));
    const orphans = typescript
      .map((file) => file.path)
      .filter((path) => path.endsWith('.test.ts') && !elsewhere.test(path))
      .filter(
        (path) => !testedPaths(path).some((each) => named.has(each) || entriesOf(each).files.length > 0),
      );
    expectNone(orphans, 'rename the test after the source file or folder it is about:');
  });

  test('source files are short', () => {
    const lengths = source
      .map((file) => ({ path: file.path, lines: file.text.trimEnd().split('\n').length }))
      .toSorted((a, b) => a.lines - b.lines);
    const at = (share: number) => lengths[Math.floor(share * (lengths.length - 1))]?.lines ?? 0;
    expectNone(
      lengths.filter((each) => each.lines > 250).map((each) => `${each.path}: ${each.lines} lines`),
      'split it by story; 250 lines is the limit (functions have theirs in .biome.json):',
    );
    expect(
      at(0.5),
      'half of the source files should have at most 70 lines: split by story',
    ).toBeLessThanOrEqual(90);
    expect(at(0.9), 'nine of ten source files should have at most 160 lines').toBeLessThanOrEqual(180);
  });
});

/** `test/hosts/embedded/x.property.test.ts` → its source, or the folder that bears its name. */
function testedPaths(path: string): string[] {
  const bare = path
    .slice('test/'.length)
    .replace(/\.test\.ts$/, '')
    .replace(/\.[a-z-]+$/, '');
  const roots = ['', 'shared/'];
  const folder = bare.split('/').slice(0, -1).join('/');
  return roots.flatMap((root) => [`${root}${bare}.ts`, `${root}${bare}`, `${root}${folder}`]);
}

describe('words', () => {
  test('every exported name of engine and connectors has a doc comment', () => {
    const rooms = source.filter(
      (file) => /^shared\/(engine|connectors)\//.test(file.path) && !SANDBOX.test(file.path),
    );
    expectNone(
      rooms.flatMap(undocumented),
      'say above it, in /** */, what the name does not: shape, unit, errors, the source of a fact:',
    );
  });

  test('nothing tells of the machine or the place where it was written', () => {
    // Put together from halves, so that this file is not its own offender.
    const local = ['/work' + '/', 'DESIGN' + '.md', '/ho' + 'me/', '/Us' + 'ers/'];
    const registry = ['registry' + '.npmjs', 'artifact' + 'ory', 'verdac' + 'cio'];
    const offenders = files.flatMap((file) =>
      [...local, ...registry]
        .filter((word) => file.text.includes(word))
        .map((word) => `${file.path}: ${word}`),
    );
    expectNone(offenders, 'leave it out or use a relative path:');
  });

  test('the glossary explains every word of the closed lists', () => {
    const glossary = textOf('shared/README.md');
    const words = [...FAULT_KINDS, ...OUTCOMES, ...CAUSES, ...LANES];
    expectNone(
      words.filter((word) => !glossary.includes(`\`${word}\``)),
      'add it to the tables of shared/README.md, in backticks:',
    );
  });

  test('the README names every command and every dependency', () => {
    const readme = textOf('README.md');
    const manifest: unknown = JSON.parse(textOf('package.json'));
    const names = ['scripts', 'dependencies', 'devDependencies', 'optionalDependencies'].flatMap((key) =>
      Object.keys((manifest as Record<string, Record<string, string>>)[key] ?? {}),
    );
    expectNone(
      names.filter(
        (name) => !name.startsWith('check:') && !readme.includes(name.replace(/^test$/, 'npm test')),
      ),
      'add a line to README.md that says what it is for:',
    );
  });

  test('links between documents lead somewhere', () => {
    const documents = files.filter((file) => file.path.endsWith('.md'));
    const offenders = documents.flatMap((file) =>
      [...file.text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g)]
        .map(([, link = '']) => new URL(link, `file:///${file.path}`).pathname.slice(1).replace(/\/$/, ''))
        .filter((path) => !files.some((each) => each.path === path || each.path.startsWith(`${path}/`)))
        .map((path) => `${file.path} links to ${path}`),
    );
    expectNone(offenders, 'mend the link or write the file:');
  });
});

const EXPORTED = /^export (?:async )?(?:abstract )?(?:const|function\*?|class|interface|type) ([\w$]+)/;
/** Its schema or list stands directly above and is documented there. */
const DERIVED = /^export type \w+ = (z\.(infer|output|input)<|\(typeof )/;

function undocumented(file: RepositoryFile): string[] {
  const lines = file.text.split('\n');
  return lines.flatMap((line, index) => {
    const name = EXPORTED.exec(line)?.[1];
    const documented =
      lines[index - 1]?.trimEnd().endsWith('*/') || DERIVED.test(line) || hasDocumentedMembers(lines, index);
    return name === undefined || documented ? [] : [`${file.path}:${index + 1} ${name}`];
  });
}

/** A shape may be explained member by member. */
function hasDocumentedMembers(lines: readonly string[], at: number): boolean {
  if (!/^export (interface|type) .*[{=]$/.test(lines[at] ?? '')) return false;
  const rest = lines.slice(at + 1);
  const end = rest.findIndex((line) => /^(\}|export |\/\*\*|$)/.test(line));
  return rest.slice(0, end).some((line) => line.includes('/**'));
}
