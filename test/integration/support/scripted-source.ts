import type { FastifyInstance } from 'fastify';
import type { DashcacheError } from '../../../errors.js';
import type { Source } from '../../../services/sources/source.js';
import type { Barrier } from '../../helpers/barrier.js';

/** A real source between the service and its database that counts, and on command fails or holds, what is asked. */
export class ScriptedSource implements Source {
  /** Queries that the cache asked for, whatever became of them. */
  askedCount = 0;
  /** Those of them that went on to the database. */
  passedCount = 0;
  failWith: DashcacheError | null = null;
  barrier: Barrier | null = null;
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
  }

  get name(): string {
    return this.#source.name;
  }

  get kind(): Source['kind'] {
    return this.#source.kind;
  }

  check: Source['check'] = (statement, types) => this.#source.check(statement, types);

  query: Source['query'] = async (statement, binds, limits) => {
    this.askedCount++;
    await this.barrier?.pass();
    if (this.failWith) throw this.failWith;
    this.passedCount++;
    return this.#source.query(statement, binds, limits);
  };

  onTablesChanged: Source['onTablesChanged'] = (listener) => this.#source.onTablesChanged(listener);

  state: Source['state'] = () => this.#source.state();

  close: Source['close'] = () => this.#source.close();
}

/** Puts a script before a source of the app: the cache asks the registry anew for every load. */
export function scriptSource(app: FastifyInstance, name = 'main'): ScriptedSource {
  const real = app.sources.get(name);
  if (!real) throw new Error(`There is no source ${name}`);
  const scripted = new ScriptedSource(real);
  const get = app.sources.get;
  app.sources.get = (wanted) => (wanted === name ? scripted : get(wanted));
  return scripted;
}
