// What replicas cost and what they bring, and how well a straight line tells it: `npm run bench:capacity`.
import { fitLines, type Measured } from './capacity-model.js';
import { GROWING, measureCapacity } from './capacity-run.js';

/** The last is held out: the model never saw it. */
const PROCESSES_COUNTS = [1, 2, 3, 4];
const COUNTS = { idleMs: 10_000, hitsCount: 5_000, purgesCount: 200 };
/** Beyond this the model is not worth planning with. */
const MAXIMUM_ERROR_SHARE = 0.25;

const measured: Measured[] = [];
for (const processesCount of PROCESSES_COUNTS) {
  const one = await measureCapacity(processesCount, COUNTS);
  process.stdout.write(`${processesCount} processes: ${JSON.stringify(one.figures)}\n`);
  measured.push(one);
}
for (const { name, atZero, perProcess, heldOut } of fitLines(measured, GROWING)) {
  const line = `${name}: ${atZero.toFixed(1)} + ${perProcess.toFixed(1)} a process`;
  const held = `held out ${heldOut.measured.toFixed(1)}, predicted ${heldOut.predicted.toFixed(1)}`;
  process.stdout.write(`${line}; ${held}, off by ${(100 * heldOut.errorShare).toFixed(1)} %\n`);
  if (heldOut.errorShare > MAXIMUM_ERROR_SHARE) process.exitCode = 1;
}
