// Loaded first by the npm scripts, on whatever Node there is: so it is plain JavaScript that old releases understand.
var major = Number(process.versions.node.split('.')[0]);

if (major < 24) {
  console.error(
    'Millrace runs on Node 24, and this is Node ' +
      process.versions.node +
      ': its own copy (the devDependency node@24) is not installed. Run npm ci, without --ignore-scripts, or put Node 24 on your PATH.',
  );
  process.exit(1);
}
