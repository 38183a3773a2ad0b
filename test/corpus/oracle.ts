import type { CorpusQuery, Touch } from './read-corpus.js';

/** A database whose tables can be touched one at a time. */
export interface Touchable {
  /** Each query's whole answer as a text. */
  answers(queries: readonly CorpusQuery[]): Promise<readonly string[]>;
  /** Makes a change, has the action look at it, and takes it back. */
  touched<T>(touch: Touch, action: () => Promise<T>): Promise<T>;
}

/** For each query the tables whose change really changes its answer. Knows nothing of parsers, catalogues and plans. */
export async function truthOf(
  database: Touchable,
  queries: readonly CorpusQuery[],
  touches: readonly Touch[],
): Promise<ReadonlyMap<CorpusQuery, ReadonlySet<string>>> {
  const before = await database.answers(queries);
  const truth = new Map(queries.map((query) => [query, new Set<string>()]));
  for (const touch of touches) {
    const after = await database.touched(touch, () => database.answers(queries));
    for (const [index, query] of queries.entries())
      if (after[index] !== before[index]) truth.get(query)?.add(touch.table);
  }
  return truth;
}
