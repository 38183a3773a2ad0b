import { buildApp } from '/work/trees/i7-load/app.js';
import { loadConfig } from '/work/trees/i7-load/config.js';
import { manyQuestions, questionPath } from '/work/trees/i7-load/test/integration/support/many-questions.js';

const ends: (() => unknown)[] = [];
const folder = manyQuestions({ teardown: (e: () => unknown) => void ends.push(e) } as never);
const app = await buildApp(
  loadConfig({ LOG_LEVEL: 'silent', MEMORY_MAX_BYTES: '8388608', DASHCACHE_CONFIG: folder }),
  { logger: false },
);
const gc = (globalThis as { gc?: () => void }).gc ?? (() => {});
for (let n = 0; n <= 16000; n++) {
  await app.inject(questionPath(21, n));
  if (n % 4000 === 0) {
    gc();
    const m = process.memoryUsage();
    console.log(
      n,
      (m.heapUsed / 1048576).toFixed(1),
      (m.external / 1048576).toFixed(1),
      (m.rss / 1048576).toFixed(1),
    );
  }
}
await app.close();
for (const e of ends) await e();
