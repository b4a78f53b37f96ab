#!/usr/bin/env node
// The command `millrace`, on whatever Node there is: so it is plain JavaScript that old releases understand. In the
// repository it runs the source as it is; the package has the bundle instead.
var fs = require('node:fs');
var path = require('node:path');
var url = require('node:url');

var source = path.join(__dirname, 'millrace.ts');
var isRepository = fs.existsSync(source);

if (isRepository) require('./check-node.cjs');
void import(url.pathToFileURL(isRepository ? source : path.join(__dirname, '../dist/cli/millrace.js')).href);
