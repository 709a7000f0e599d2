import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { flows } from '../../functions/flows.ts';
import { services } from '../../functions/services.ts';
import { runCli } from '../../shared/operate/command-line.ts';
import { documentsOf, staleDocuments } from '../../shared/operate/docs.ts';
import { flowTable, replaceSection, runbookSection } from '../../shared/operate/runbook.ts';
import { membersPayroll as exampleFlow } from '../functions/example-flow.ts';
import { twoWayTown } from './two-way-town.ts';

const root = new URL('../../', import.meta.url);

const HEADINGS = [
  '## What it moves',
  '## How often',
  '## When it breaks',
  '## Who is paged',
  '## Where to look',
  '## Runbook: dead letters',
  '## Runbook: account held',
  '## Runbook: flow held',
  '## Runbook: heartbeat missing',
  '## Runbook: oldest record too old',
];

describe('the documents in this repository', () => {
  test('say what the definitions say (npm run docs)', () => {
    const documents = documentsOf(flows, services).filter(({ path }) => existsSync(new URL(path, root)));
    expect(documents.length).toBeGreaterThanOrEqual(flows.length + services.length);
    expect(staleDocuments(root, documents, false)).toEqual([]);
  });

  test.each(flows.map((flow) => [flow.name, flow] as const))(
    '%s has a runbook with every heading',
    (_name, flow) => {
      const text = readFileSync(new URL(flow.whereToLook.runbook, root), 'utf8');
      const lines = text.split('\n');
      expect(lines.filter((line) => line.startsWith('## '))).toEqual(HEADINGS);
      expect(text).toContain(`npm run intertie -- replay ${flow.name}`);
    },
  );

  test.each(flows.map((flow) => [flow.name, flow] as const))(
    '%s names only commands that there are',
    async (name, flow) => {
      const text = readFileSync(new URL(flow.whereToLook.runbook, root), 'utf8');
      const commands = [...text.matchAll(/npm run intertie -- ([^`#\n]+)/g)].map((match) => match[1] ?? '');
      expect(commands.length).toBeGreaterThan(10);
      for (const command of commands) {
        const [verb = '', ...rest] = command.trim().split(/\s+/);
        const help = await helpOf(verb);
        expect(help, command).toContain(`Usage: npm run intertie -- ${verb}`);
        for (const option of rest.filter((each) => each.startsWith('--')))
          expect(help, command).toContain(option);
        if (verb !== 'status') expect(rest[0], command).toBe(name);
      }
    },
  );

  describe.each(services.map((service) => [service.name, service] as const))('%s', (name, service) => {
    const text = readFileSync(new URL(service.whereToLook.runbook, root), 'utf8');

    test('has steps for each of its alarms', () => {
      const headings = text.split('\n').filter((line) => line.startsWith('### '));
      for (const alarm of [...service.gauges.map((gauge) => gauge.name), 'Dead letters', 'Oldest message'])
        expect(headings).toContain(`### ${alarm}`);
      expect(text).toContain(`npm run intertie -- replay ${name} --all`);
    });

    test('names only commands that there are', async () => {
      const written = [...text.matchAll(/npm run (?:-s )?intertie -- ([^`|#\n]+)/g)].map(
        ([, all]) => all ?? '',
      );
      const short = [...text.matchAll(new RegExp(`\`(${name} [a-z][^\`]*)\``, 'g'))].map(
        ([, all]) => all ?? '',
      );
      expect(written.length).toBeGreaterThan(10);
      for (const command of [...written, ...short]) {
        const words = command.trim().split(/\s+/);
        const verbs = words.slice(0, words[0] === name ? 3 : 1).filter((each) => /^[a-z][a-z-]*$/.test(each));
        const help = await helpOf(...verbs);
        expect(help, command).toContain('Usage: npm run intertie -- ');
        if (words[0] === name) expect(help, command).toContain(`-- ${name} ${verbs[1]}`);
        for (const option of words.filter((each) => each.startsWith('--')))
          expect(help, command).toContain(option);
      }
    });
  });

  test('the example in functions/README.md is the file that is compiled', () => {
    const readme = readFileSync(new URL('functions/README.md', root), 'utf8');
    const example = readFileSync(new URL('test/functions/example-flow.ts', root), 'utf8');
    expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``);
  });
});

async function helpOf(...verbs: string[]): Promise<string> {
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  await runCli([...verbs, '--help'], { out: write, err: write, terminal: false, sleep: async () => {} });
  return text;
}

describe('runbookSection', () => {
  test('answers the five questions of a flow', () => {
    const section = runbookSection(exampleFlow);
    expect(section).toContain('| What it moves | Names of orchestra members: Rehearsals → Payroll |');
    expect(section).toContain(
      '| How often | Every 10 minutes; all records compared daily at 03:15 Europe/Berlin |',
    );
    expect(section).toContain('up to 5 times; all of it for at most 3 days |');
    expect(section).toContain(
      'more than 2 % removals (never below 5) or more than 50 % changes (never below 100)',
    );
    expect(section).toContain('no successful scan for 30 minutes; a record unfinished for 60 minutes');
    expect(section).toContain('| Who is paged | payroll-on-call |');
    expect(section).toContain(
      '| `member` | Rehearsal members | Payroll people | taken off the target | left as it is | marked: `left = true` |',
    );
    expect(section).toContain('Fields set by `member`, no others are touched: `name`, `left`.');
  });

  test('a flow that goes both ways says who holds where both systems may change a field', () => {
    const { flow } = twoWayTown();
    const section = runbookSection(flow);
    expect(section).toContain(
      '| `name` | the newer edit; two at about the same time are a work item | Tickets, if it has one |',
    );
    expect(section).toContain("every other one is Tickets's");
    expect(section).toContain('npm run intertie -- items test-flow');
    expect(runbookSection(exampleFlow)).not.toContain('both systems');
  });

  test('what the source pushes comes first, and every table row has the cells of its head', () => {
    const pushed = {
      ...exampleFlow,
      howOften: { ...exampleFlow.howOften, webhook: 'member saved', scanEveryMinutes: 1 },
    };
    const section = runbookSection(pushed);
    expect(section).toContain('| At once (member saved); every minute; all records');
    for (const block of section.split('\n\n').filter((each) => each.startsWith('|'))) {
      const widths = block.split('\n').map((line) => line.split(' | ').length);
      expect(new Set(widths).size).toBe(1);
    }
  });
});

describe('flowTable', () => {
  test('has one row per flow that leads to its runbook', () => {
    const rows = flowTable([exampleFlow, ...flows])
      .split('\n')
      .slice(2);
    expect(rows).toHaveLength(flows.length + 1);
    expect(rows[0]).toMatch(/^\| \[Members to payroll\]\(functions\/members-payroll\/README\.md\) \|/);
  });

  test('a sentence with a bar or a line break stays in its cell', () => {
    const odd = { ...exampleFlow, whenItBreaks: { ...exampleFlow.whenItBreaks, impact: 'a | b\nc' } };
    expect(flowTable([odd])).toContain('| a \\| b c |');
  });
});

describe('replaceSection', () => {
  test('replaces what is between the markers and nothing else, and is idempotent', () => {
    const text = 'before\n<!-- flows -->\nold\n<!-- /flows -->\nafter\n';
    const once = replaceSection(text, 'flows', 'new $& text');
    expect(once).toBe('before\n<!-- flows -->\n\nnew $& text\n\n<!-- /flows -->\nafter\n');
    expect(replaceSection(once, 'flows', 'new $& text')).toBe(once);
  });

  test.each(['no markers', '<!-- flows -->', '<!-- /flows --> <!-- flows -->'])('refuses %j', (text) => {
    expect(() => replaceSection(text, 'flows', '')).toThrow(
      'the markers <!-- flows --> and <!-- /flows --> are missing',
    );
  });
});
