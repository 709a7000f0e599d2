// `npm run intertie -- <command>`: the operator's commands against a running host.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `intertie needs Node.js 24 or newer and this is ${process.versions.node}: install it (https://nodejs.org)\n`,
  );
  process.exit(2);
}
const { runCli } = await import('./command-line.ts');
process.exitCode = await runCli(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  terminal: process.stderr.isTTY,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
});

export {};
