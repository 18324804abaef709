// Validates HTML: {name: HTML} on standard input, {name: [message]} on standard output.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import rules from './html-validate.mjs';

const installed = createRequire(new URL('../npm/package.json', import.meta.url));
const { HtmlValidate, StaticConfigLoader } = installed('html-validate');

const validator = new HtmlValidate(new StaticConfigLoader(rules));
const found = {};
for (const [name, html] of Object.entries(JSON.parse(readFileSync(0, 'utf8')))) {
  const { results } = await validator.validateString(html, `${name}.html`);
  found[name] = results.flatMap(({ messages }) =>
    messages.map(({ line, column, ruleId, message }) => `${line}:${column} ${ruleId}: ${message}`),
  );
}
process.stdout.write(JSON.stringify(found));
