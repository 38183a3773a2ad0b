import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

export interface PatternVerdict {
  readonly safe: boolean;
  /** Why not, for people. */
  readonly reason: string;
}

/** For one pattern; what takes longer cannot be shown to be safe. */
const PATTERN_LIMIT_MS = 2000;
/** Loading the checker, in a process that is busy starting. */
const START_LIMIT_MS = 20_000;
/** A value has at most 1000 characters, so quadratic work is a million steps; cubic would be minutes. */
const ACCEPTED_DEGREE_COUNT = 2;

/** recheck looks for Java and native binaries unless told otherwise; its browser build is the same checker in JavaScript alone. */
const CHECKER = createRequire(import.meta.url).resolve('recheck/lib/browser.js');

const WORKER_SOURCE = `
const { parentPort, workerData } = require('node:worker_threads');
const { checkSync } = require(workerData.checker);
for (const pattern of workerData.patterns)
  parentPort.postMessage(checkSync(pattern, 'u', { timeout: workerData.limitMs }));
`;

/** Whether each pattern can be run on any text without hanging; looked at in a worker, beside the event loop. */
export async function checkPatterns(patterns: readonly string[]): Promise<readonly PatternVerdict[]> {
  if (patterns.length === 0) return [];
  const verdicts: PatternVerdict[] = [];
  const worker = new Worker(WORKER_SOURCE, {
    eval: true,
    workerData: { checker: CHECKER, patterns, limitMs: PATTERN_LIMIT_MS },
  });
  const limitMs = START_LIMIT_MS + patterns.length * PATTERN_LIMIT_MS;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, limitMs);
    timer.unref();
    worker.on('message', (diagnostics: Diagnostics) => verdicts.push(verdictOf(diagnostics)));
    worker.on('error', () => resolve());
    worker.on('exit', () => resolve());
  });
  await worker.terminate();
  return patterns.map(
    (_, index) => verdicts[index] ?? { safe: false, reason: 'it could not be checked in time' },
  );
}

interface Diagnostics {
  readonly status: 'safe' | 'vulnerable' | 'unknown';
  readonly complexity?: { readonly type: string; readonly degree?: number; readonly summary: string };
}

function verdictOf({ status, complexity }: Diagnostics): PatternVerdict {
  if (status === 'safe') return { safe: true, reason: '' };
  if (status === 'unknown' || !complexity) return { safe: false, reason: 'it cannot be shown to be safe' };
  if (complexity.type === 'polynomial' && (complexity.degree ?? Infinity) <= ACCEPTED_DEGREE_COUNT)
    return { safe: true, reason: '' };
  return { safe: false, reason: `a text can make it take ${complexity.summary} time` };
}
