// How fast a hit is, in times of what is known to be fast: `npm run bench:speed`, or `npm run bench:gate` for the short run with minimums.
import { parseArgs } from 'node:util';
import { FULL, SHORT } from './effort.js';
import { measureSides } from './measure.js';
import { missingFor, QUESTIONS } from './questions.js';
import { type Answered, answeredOf, ratioTable } from './ratio-table.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { gate: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});

const chosen = QUESTIONS.filter(({ name, isShort }) =>
  positionals.length > 0 ? positionals.includes(name) : isShort || !values.gate,
);
if (chosen.length === 0) {
  process.stderr.write(
    `There is no such question; there are ${QUESTIONS.map(({ name }) => name).join(', ')}\n`,
  );
  process.exit(2);
}

const answered: Answered[] = [];
for (const question of chosen) {
  const missing = missingFor(question);
  if (missing !== null) {
    process.stderr.write(`${question.name} is left out: it needs ${missing}\n`);
    continue;
  }
  process.stderr.write(`${question.name} ...\n`);
  answered.push(answeredOf(question, await measureSides(question.sides, values.gate ? SHORT : FULL)));
}
process.stdout.write(
  values.json ? `${JSON.stringify({ node: process.version, answered }, null, 2)}\n` : ratioTable(answered),
);
const isMissed = answered.some(({ checks }) => checks.some(({ isKept }) => !isKept));
if (answered.length === 0 || isMissed) process.exitCode = 1;
