// Loaded with `--import` before any TypeScript: an older Node would only say that it does not know the extension.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `intertie needs Node.js 24 or newer and this is ${process.versions.node}: run "npm ci" again without --ignore-scripts or --omit=optional, which brings its own, or install it\n`,
  );
  process.exit(2);
}
