import { globSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { CACHE, pythonTool, ROOT, run } from './python.ts';
import { Told } from './told.ts';

/** Findings of checkov that we do not follow, and why. One that no longer occurs has to go from this list. */
const EXPLAINED: Readonly<Record<string, string>> = {
  CKV_AWS_27: 'queues are encrypted by SQS itself; a key of our own would add a request to each message',
  CKV_AWS_115: 'concurrency is limited where it matters: by each event source, and for webhooks',
  CKV_AWS_116: 'timed functions have a failure destination; the others are never invoked asynchronously',
  CKV_AWS_117: 'a private network is an option of the stage, for vendors that allow-list addresses',
  CKV_AWS_119: 'the table is encrypted by a key that DynamoDB owns; it holds ids and hashes',
  CKV_AWS_149: 'secrets are encrypted by the key that Secrets Manager has in this account',
  CKV_AWS_158: 'logs hold names of fields, never values, and are encrypted by CloudWatch',
  CKV_AWS_173: 'variables hold names and addresses of resources, no secrets',
  CKV_AWS_258:
    'vendors cannot sign as AWS wants it; the function checks their own signature in constant time',
};
/** The same for cfn-lint. */
const IGNORED: Readonly<Record<string, string>> = {
  W3005: 'CDK makes what needs a role wait for its policy, and names the role once more',
};

/** What of checkov's report is used. */
const Report = z.object({
  results: z.object({
    failed_checks: z.array(z.object({ check_id: z.string(), check_name: z.string(), resource: z.string() })),
  }),
});

const output = join(CACHE, 'templates.out');
const told = new Told();
try {
  await told.step('synth of the flows and of one with a webhook', () =>
    run(join(ROOT, 'node_modules', '.bin', 'cdk'), [
      ...['--app', 'node test/deploy/app.ts', 'synth', '--quiet', '--no-notices', '--output', output],
    ]),
  );
  const templates = globSync('*.template.json', { cwd: output }).map((name) => join(output, name));
  await told.step(`cfn-lint finds nothing in ${templates.length} templates`, async () => {
    const bin = await pythonTool('cfn-lint');
    const ignored = Object.keys(IGNORED).flatMap((id) => ['--ignore-checks', id]);
    await run(join(bin, 'cfn-lint'), [...ignored, '--template', ...templates]);
  });
  await told.step('checkov finds nothing that is not explained', () => checkov(templates));
} catch {
  process.exitCode = 1;
}
told.end();

async function checkov(templates: readonly string[]): Promise<void> {
  const bin = await pythonTool('checkov');
  const files = templates.flatMap((file) => ['--file', file]);
  const options = [
    '--framework',
    'cloudformation',
    '--output',
    'json',
    '--quiet',
    '--compact',
    '--soft-fail',
    '--skip-download',
  ];
  const { out } = await run(join(bin, 'checkov'), [...files, ...options]);
  const { results } = Report.parse(JSON.parse(out.slice(out.indexOf('{'))));
  const failed = new Set(results.failed_checks.map((each) => each.check_id));
  const unexplained = results.failed_checks.filter((each) => !Object.hasOwn(EXPLAINED, each.check_id));
  const stale = Object.keys(EXPLAINED).filter((id) => !failed.has(id));
  const lines = [
    ...unexplained.map((each) => `${each.check_id} ${each.resource}: ${each.check_name}`),
    ...stale.map((id) => `${id} does not occur any more: take it from the list of test/deploy/templates.ts`),
  ];
  if (lines.length > 0) throw new Error(lines.join('\n    '));
}
