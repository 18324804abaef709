// Renders templates with Handlebars as SES does, without escaping: on each line {templates: {name: text}, values} in,
// {name: text} out. A variable without a value is an error.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const installed = createRequire(new URL('../npm/package.json', import.meta.url));
const handlebars = installed('handlebars');

for await (const line of createInterface({ input: process.stdin })) {
  const { templates, values } = JSON.parse(line);
  const rendered = {};
  for (const [name, text] of Object.entries(templates)) {
    try {
      rendered[name] = handlebars.compile(text, { noEscape: true, strict: true })(values);
    } catch (error) {
      rendered[name] = `error: ${error.message}`;
    }
  }
  process.stdout.write(`${JSON.stringify(rendered)}\n`);
}
