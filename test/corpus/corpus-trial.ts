import type { Test } from 'tap';
import { replayOf, SeededRandom, testSeed } from '../helpers/seeded-random.js';
import { type Touchable, truthOf } from './oracle.js';
import { randomQueries } from './random-queries.js';
import type { CorpusQuery, Touch } from './read-corpus.js';
import { type Score, score, scoreLine, type Told } from './score.js';

/** DASHCACHE_TEST_QUERIES has more of them tried. */
const RANDOM_COUNT = Number(process.env['DASHCACHE_TEST_QUERIES'] ?? 20);

export interface CorpusParts {
  readonly queries: readonly CorpusQuery[];
  readonly touches: readonly Touch[];
  readonly database: Touchable;
}

/** Says which tables a query reads. */
type Tell = (query: CorpusQuery) => Promise<Told>;
type Truth = ReadonlyMap<CorpusQuery, ReadonlySet<string>>;

/** Holds what is told of an engine's queries against what its own answers show when tables are touched. */
export class CorpusTrial {
  readonly #parts: CorpusParts;
  readonly #touchable: ReadonlySet<string>;
  readonly #truth: Truth;

  private constructor(parts: CorpusParts, truth: Truth) {
    this.#parts = parts;
    this.#touchable = new Set(parts.touches.map(({ table }) => table));
    this.#truth = truth;
  }

  static async begin(parts: CorpusParts): Promise<CorpusTrial> {
    return new CorpusTrial(parts, await truthOf(parts.database, parts.queries, parts.touches));
  }

  /** Every table whose change alters an answer is told, and few others. */
  async corpus(t: Test, tell: Tell, { unknownMaxCount }: { unknownMaxCount: number }): Promise<void> {
    const { queries } = this.#parts;
    t.ok(queries.length >= 150);
    const found = await this.#score(queries, tell, this.#truth);
    t.comment(scoreLine(found));
    t.same(found.missed, []);
    t.ok(found.trueCount > queries.length);
    t.ok(found.rightCount / found.namedCount >= 0.9, found.needless.join('\n'));
    t.ok(found.verdicts.unknown <= unknownMaxCount, 'unknown is no way out');
  }

  /** The same of queries nested at random, names shadowed by expressions. */
  async atRandom(t: Test, tell: Tell): Promise<void> {
    const { database, touches } = this.#parts;
    const seed = testSeed();
    t.comment(replayOf(seed));
    const queries = randomQueries(new SeededRandom(seed), RANDOM_COUNT);
    const inserts = touches.filter(({ sql }) => sql.startsWith('INSERT'));
    const found = await this.#score(queries, tell, await truthOf(database, queries, inserts));
    t.comment(`${found.heardCount} of ${found.trueCount} tables that change an answer are told`);
    t.same(found.missed, []);
    t.equal(found.verdicts.unknown, 0);
  }

  /** The negative control: one way to find tables alone misses some. */
  async alone(
    t: Test,
    title: string,
    tablesOf: (query: CorpusQuery) => Promise<readonly string[]>,
  ): Promise<void> {
    const tell = async (query: CorpusQuery): Promise<Told> => {
      return { tables: await tablesOf(query), verdict: 'exact' };
    };
    const found = await this.#score(this.#parts.queries, tell, this.#truth);
    t.comment(`${title} alone: ${scoreLine(found)}`);
    t.ok(found.missed.length > 0, title);
  }

  async #score(queries: readonly CorpusQuery[], tell: Tell, truth: Truth): Promise<Score> {
    const told = new Map<CorpusQuery, Told>();
    for (const query of queries) told.set(query, await tell(query));
    return score(told, truth, this.#touchable);
  }
}
