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

const effort = values.gate ? SHORT : FULL;
const answered: Answered[] = [];
let isFailed = false;
for (const question of chosen) {
  const missing = missingFor(question);
  if (missing !== null) {
    process.stderr.write(`${question.name} is left out: it needs ${missing}\n`);
    continue;
  }
  try {
    const measured = await measureSides(question.sides, { ...effort, ...question.effort });
    const answer = answeredOf(question, measured);
    answered.push(answer);
    const ratios = answer.checks.map(({ of, by, ratio }) => `${of} / ${by} ${ratio.toFixed(2)}`);
    process.stderr.write(`${question.name}: ${ratios.join(', ')}\n`);
  } catch (error) {
    // The others are answered all the same.
    isFailed = true;
    process.stderr.write(`${question.name} failed: ${error instanceof Error ? error.message : error}\n`);
  }
}
process.stdout.write(
  values.json ? `${JSON.stringify({ node: process.version, answered }, null, 2)}\n` : ratioTable(answered),
);
const isMissed = answered.some(({ checks }) => checks.some(({ isKept }) => !isKept));
if (answered.length === 0 || isMissed || isFailed) process.exitCode = 1;
