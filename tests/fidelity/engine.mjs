// Renders MJML with the official engine: {name: MJML} on standard input, {name: {html, errors}} on standard output.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const installed = createRequire(new URL('../npm/package.json', import.meta.url));
const mjml2html = installed('mjml');

const documents = JSON.parse(readFileSync(0, 'utf8'));
const rendered = {};
for (const [name, mjml] of Object.entries(documents)) {
  // `fonts: {}` as our engine is called; "soft" reports what it would refuse and goes on.
  const { html, errors } = mjml2html(mjml, { fonts: {}, validationLevel: 'soft', keepComments: true });
  rendered[name] = { html, errors: errors.map((error) => error.formattedMessage) };
}
process.stdout.write(JSON.stringify(rendered));
