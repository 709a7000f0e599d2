// `npm start`. Nothing that needs Node 24 may be imported before the version is known, so this file stays tiny.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `intertie needs Node.js 24 or newer and this is ${process.versions.node}: install it (https://nodejs.org) or use "npm start", which brings its own\n`,
  );
  process.exit(2);
}
const { start } = await import('./start.ts');
await start(process.argv.slice(2));

export {};
