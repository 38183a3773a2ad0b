import { parse } from 'yaml';
import { DashcacheError } from '../../../errors.js';
import type { BindType, Statement } from '../../../services/definitions/model.js';
import { type CheckedStatement, type Source, StatementRejected } from '../../../services/sources/source.js';

/** What the source says of statements that hold the text `match`. */
interface Line {
  readonly match: string;
  readonly columns?: readonly string[];
  readonly verdict?: CheckedStatement['verdict'];
  readonly reject?: string;
  readonly hint?: string;
  /** The text of the statement at which it is rejected. */
  readonly at?: string;
  readonly down?: boolean;
}

export interface ScriptedSource extends Source {
  /** The statements that were checked, with the types that they were checked with. */
  readonly asked: { text: string; types: Record<string, BindType> }[];
  mostAtOnceCount: number;
}

/** A source whose answers to `check` are written in YAML; without a line for a statement it has one column, `one`. */
export function scriptedSource(script: string): ScriptedSource {
  const lines = parse(script) as readonly Line[];
  let runningCount = 0;
  const source: ScriptedSource = {
    name: 'main',
    kind: 'duckdb',
    asked: [],
    mostAtOnceCount: 0,
    async check(statement: Statement, types: ReadonlyMap<string, BindType>): Promise<CheckedStatement> {
      source.asked.push({ text: statement.text, types: Object.fromEntries(types) });
      runningCount++;
      source.mostAtOnceCount = Math.max(source.mostAtOnceCount, runningCount);
      await new Promise(setImmediate);
      runningCount--;
      return answer(
        lines.find(({ match }) => statement.text.includes(match)),
        statement,
      );
    },
    query: () => Promise.reject(new Error('Only checks are scripted')),
    onTablesChanged: () => {},
    state: () => ({ ok: true, detail: null }),
    close: async () => {},
  };
  return source;
}

function answer(line: Line | undefined, statement: Statement): CheckedStatement {
  if (line?.down) throw new DashcacheError('source_down');
  if (line?.reject !== undefined) {
    const message = line.hint === undefined ? line.reject : `${line.reject}\n${line.hint}`;
    throw new StatementRejected(message, line.at === undefined ? null : statement.text.indexOf(line.at));
  }
  return {
    columns: (line?.columns ?? ['one']).map((name) => ({ name, type: 'integer' })),
    tables: [],
    verdict: line?.verdict ?? 'exact',
  };
}
