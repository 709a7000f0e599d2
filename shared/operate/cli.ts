// `npm run intertie -- <command>`: the operator's commands against a running host, or a stage on AWS.
import { runCli } from './command-line.ts';

process.exitCode = await runCli(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  terminal: process.stderr.isTTY,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
});
