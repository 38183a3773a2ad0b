import { DashcacheError } from '../../../errors.js';
import { installationStatus } from '../../changes/install/installation.js';
import { quotedTable } from '../../changes/watched-shape.js';
import { watchedSource } from '../../changes/watched-source.js';
import { tablesReadFrom, watchingOf } from '../../changes/watching.js';
import { systemClock } from '../../clock.js';
import type { Definitions, Panel } from '../../definitions/model.js';
import { panelTables } from '../../definitions/panel-tables.js';
import type { SourceDefinition } from '../../definitions/source-definitions.js';
import { parseStatement } from '../../definitions/statement.js';
import type { Source } from '../../sources/source.js';
import { type Known, lookedAt, type QueriesSeen } from '../facts.js';
import type { ExampleRead } from './example-reads.js';
import { lookAtEndpoint } from './look-at-endpoint.js';
import { lookAtPostgres } from './look-at-postgres.js';
import type { FeedSeen, SourceSeen } from './source-seen.js';

const ANSWER_WITHIN_MS = 5000;

export interface SourcesLook {
  readonly definitions: Definitions;
  readonly queries: QueriesSeen;
  readonly sources: ReadonlyMap<string, Source>;
  readonly examples: readonly ExampleRead[];
}

/** Asks every declared source what it is, one after the other: a doctor must not be felt. */
export async function lookAtSources(look: SourcesLook): Promise<SourceSeen[]> {
  const seen: SourceSeen[] = [];
  for (const definition of look.definitions.sources.values()) seen.push(await lookAtSource(definition, look));
  return seen;
}

async function lookAtSource(
  definition: SourceDefinition,
  { definitions, queries, sources, examples }: SourcesLook,
): Promise<SourceSeen> {
  const { name, type } = definition;
  const ofSource = examples.filter(({ panel }) => panel.sourceName === name);
  if (type === 'http') {
    const endpoint = await lookAtEndpoint(definition, ofSource);
    const asked = ofSource.some(({ read }) => read.known);
    return {
      definition,
      problem: endpoint.known || !asked ? null : endpoint.reason,
      columns: new Map(),
      postgres: null,
      endpoint,
      feed: null,
    };
  }
  const source = sources.get(name);
  const problem = source ? await problemOf(source) : 'it is not open';
  const tablesOf = (panel: Panel) => panelTables(panel, queries.checked.get(panel) ?? []).tables;
  const tables = tablesReadFrom(name, { dashboards: definitions.dashboards.values(), tablesOf });
  return {
    definition,
    problem,
    columns: source && problem === null ? await columnsOf(source, tables) : new Map(),
    postgres:
      type === 'postgres'
        ? await lookedAt(() => lookAtPostgres(definition, { tables, examples: ofSource }))
        : null,
    endpoint: null,
    feed: await lookAtFeed(definition, tables),
  };
}

/** By what it says of a query that is only checked; tables that it does not know by this name are left out. */
async function columnsOf(
  source: Source,
  tables: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const columns = new Map<string, readonly string[]>();
  for (const table of tables) {
    const statement = parseStatement(`SELECT * FROM ${quotedTable(table)}`);
    const checked = await lookedAt(() => source.check(statement, new Map()));
    if (checked.known && checked.value.columns)
      columns.set(
        table,
        checked.value.columns.map(({ name }) => name),
      );
  }
  return columns;
}

/** Why a source does not answer the smallest question; null: it does. */
async function problemOf(source: Source): Promise<string | null> {
  try {
    await source.query(parseStatement('SELECT 1 AS one'), new Map(), {
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      maxRowsCount: 1,
      maxBytes: 1000,
    });
    return null;
  } catch (error) {
    if (!(error instanceof DashcacheError)) throw error;
    return source.state().detail ?? (error.cause instanceof Error ? error.cause.message : error.message);
  }
}

async function lookAtFeed(
  definition: SourceDefinition,
  tables: readonly string[],
): Promise<Known<FeedSeen> | null> {
  const watched = watchedSource(definition);
  if (!watched) return null;
  return lookedAt(async () => {
    const { name, changes, database } = watched;
    const role = (await database()).user ?? null;
    const { faults } = await installationStatus(
      { source: name, changes, database, clock: systemClock },
      role,
    );
    const { unheard } = await watchingOf(watched, tables, systemClock);
    return { faults, unheard };
  });
}
