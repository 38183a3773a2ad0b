import { DashcacheError } from '../../../errors.js';
import { installationStatus } from '../../changes/install/installation.js';
import { watchedSource } from '../../changes/watched-source.js';
import { tablesReadFrom, watchingOf } from '../../changes/watching.js';
import { systemClock } from '../../clock.js';
import type { Definitions, Panel, SourceDefinition } from '../../definitions/model.js';
import { panelTables } from '../../definitions/panel-tables.js';
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
    postgres:
      type === 'postgres'
        ? await lookedAt(() => lookAtPostgres(definition, { tables, examples: ofSource }))
        : null,
    endpoint: null,
    feed: await lookAtFeed(definition, tables),
  };
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
