// What one process.nextTick costs after a process was at rest, with and without what keeps it fast: `npm run bench:ticks`.
import { spawnSync } from 'node:child_process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { keepTickShape } from '../cli/tick-shape.js';
import { median } from './median.js';

const ROUNDS_COUNT = 5;
const TURNS_COUNT = 1000;
const TICKS_PER_TURN_COUNT = 1000;
/** Enough for V8 to remember what it has seen, too few for it to optimize. */
const FIRST_TICKS_COUNT = 200;
const COLLECTIONS_COUNT = 4;
/** Times the cost in a young process, where it is 1. */
const MOST = 1.5;

function nothing(): void {}

async function ticks(turnsCount: number): Promise<void> {
  for (let turn = 0; turn < turnsCount; turn++) {
    for (let i = 0; i < TICKS_PER_TURN_COUNT; i++) process.nextTick(nothing);
    await nextTurn();
  }
}

/** Ns of one tick in this process. */
async function measured({ isKept, isAged }: { isKept: boolean; isAged: boolean }): Promise<number> {
  if (isKept) keepTickShape();
  for (let i = 0; i < FIRST_TICKS_COUNT; i++) {
    process.nextTick(nothing);
    await nextTurn();
  }
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; isAged && i < COLLECTIONS_COUNT; i++) {
    await nextTurn();
    collect();
  }
  await ticks(TURNS_COUNT / 4);
  const startedMs = performance.now();
  await ticks(TURNS_COUNT);
  return ((performance.now() - startedMs) * 1e6) / (TURNS_COUNT * TICKS_PER_TURN_COUNT);
}

/** A process has one past only, so each measurement has a process. */
function inProcess(kind: { isKept: boolean; isAged: boolean }): number {
  const words = ['--import', 'tsx', fileURLToPath(import.meta.url), JSON.stringify(kind)];
  return Number(
    spawnSync(process.execPath, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).stdout,
  );
}

function middleOf(kind: { isKept: boolean; isAged: boolean }): number {
  return median(Array.from({ length: ROUNDS_COUNT }, () => inProcess(kind)));
}

const [, , asked] = process.argv;
if (asked === undefined) {
  const young = middleOf({ isKept: false, isAged: false });
  const aged = middleOf({ isKept: false, isAged: true });
  const kept = middleOf({ isKept: true, isAged: true });
  process.stdout.write(
    `young ${young.toFixed(0)} ns, after rest ${aged.toFixed(0)} ns (${(aged / young).toFixed(1)} x), kept ${kept.toFixed(0)} ns (${(kept / young).toFixed(1)} x)\n`,
  );
  if (kept / young > MOST) process.exitCode = 1;
} else process.stdout.write(String(await measured(JSON.parse(asked))));
