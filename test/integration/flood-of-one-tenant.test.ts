import t from 'tap';
import { listeningApp } from './support/listening-app.js';
import { manyQuestions, questionPath } from './support/many-questions.js';

const OTHERS = [1, 2, 3, 4];
const QUESTIONS = [0, 1, 2, 3, 4];
const FLOODER = 21;
const FLOOD_COUNT = 2000;
const MAX_BYTES = 1_048_576;

function seriesOf(text: string): string[] {
  // Node tells of a kind of collection from the first one on.
  const lines = text.split('\n').filter((line) => line !== '' && !/^(?:#|nodejs_gc_)/.test(line));
  return lines.map((line) => line.slice(0, line.lastIndexOf(' '))).sort();
}

t.test(
  'given a tenant who asks ever new questions, the others keep all their hits, and nothing grows beyond its bound',
  async (t) => {
    const environment = { MEMORY_MAX_BYTES: String(MAX_BYTES) };
    const { app, get } = await listeningApp(t, { folder: manyQuestions(t), environment });
    const warm = OTHERS.flatMap((tenant) => QUESTIONS.map((n) => questionPath(tenant, n)));
    for (const path of [...warm, ...warm]) await get(path);
    await get(questionPath(FLOODER, 0));
    const before = (await get('/metrics')).text;

    for (let n = 1; n <= FLOOD_COUNT; n++) {
      const { statusCode } = await app.inject(questionPath(FLOODER, n));
      if (statusCode !== 200) t.fail(`${statusCode} for question ${n}`);
    }

    const after = (await get('/metrics')).text;
    t.same(seriesOf(after), seriesOf(before));
    t.ok(Buffer.byteLength(after) <= 256_000);
    t.ok(app.memoryStore.heldBytes <= MAX_BYTES);
    t.ok(app.memoryStore.entriesCount < FLOOD_COUNT, 'the control: the bound has bound');
    const answers = await Promise.all(warm.map((path) => get(path)));
    t.equal(answers.filter(({ cacheStatus }) => cacheStatus.endsWith('detail=l1')).length, warm.length);
  },
);
