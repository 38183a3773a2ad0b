import { FeedConnection } from '../feed-connection.js';
import type { FeedOptions } from '../feed-options.js';
import { publicationOf, type ShapeOfTable, watchedShape } from '../watched-shape.js';
import { faultsOfPublication, faultsOfTables, faultsOfTriggers } from './faults-of-installation.js';
import { installPublicationSql, removePublicationSql } from './publication-sql.js';
import { installTriggersSql, removeTriggersSql } from './triggers-plan.js';

export type InstallationOptions = Pick<FeedOptions, 'source' | 'database' | 'changes' | 'clock'>;

/** What the database has of a feed. */
export interface InstallationStatus {
  /** What keeps the feed from hearing all, as sentences; none: it is complete. */
  readonly faults: readonly string[];
  /** The statements that would complete it, in order; none where nothing is missing or nothing can be done about it. */
  readonly install: readonly string[];
  /** Those that would take it away again. */
  readonly remove: readonly string[];
}

/** What a database has, and the plain SQL that installs and removes what a feed needs in it. Changes nothing. */
export async function installationStatus(
  options: InstallationOptions,
  role: string | null,
): Promise<InstallationStatus> {
  return withConnection(options, async (connection) => {
    const shape = await watchedShape(connection, options);
    const server = await serverOf(connection, { ...options, role, shape });
    const impossible = faultsOfTables(shape);
    const { feed } = options.changes;
    if (feed === 'poll') return { faults: impossible, install: [], remove: [] };
    const faults =
      feed === 'logical'
        ? [...faultsOfServer(server), ...faultsOfPublication(shape)]
        : faultsOfTriggers(shape);
    const plan = feed === 'logical' ? publicationPlan(shape, server, options) : triggersPlan(shape, server);
    return { faults, ...plan, install: impossible.length > 0 || faults.length === 0 ? [] : plan.install };
  });
}

/** Runs statements of a plan, all or none. */
export async function runStatements(
  options: InstallationOptions,
  statements: readonly string[],
): Promise<void> {
  await withConnection(options, async (connection) => {
    await connection.query('BEGIN');
    for (const statement of statements) await connection.query(statement);
    await connection.query('COMMIT');
  });
}

interface Server {
  readonly walLevel: string;
  readonly publicationExists: boolean;
  readonly outboxExists: boolean;
  /** Functions of the outbox that are not of the declared tables. */
  readonly othersCount: number;
  /** Whom the service connects as, where it is not the one who asks. */
  readonly role: string;
  readonly canReplicate: boolean;
}

interface Plan {
  readonly install: readonly string[];
  readonly remove: readonly string[];
}

function publicationPlan(
  shape: readonly ShapeOfTable[],
  server: Server,
  { source }: InstallationOptions,
): Plan {
  return {
    install: installPublicationSql(shape, { publication: publicationOf(source), ...server }),
    remove: removePublicationSql({ publication: publicationOf(source), ...server }),
  };
}

function triggersPlan(shape: readonly ShapeOfTable[], server: Server): Plan {
  return { install: installTriggersSql(shape, server), remove: removeTriggersSql(shape, server) };
}

function faultsOfServer({ walLevel, canReplicate, role }: Server): string[] {
  return [
    ...(walLevel === 'logical'
      ? []
      : [`wal_level is ${walLevel}: set it to logical in postgresql.conf and restart the server`]),
    ...(canReplicate
      ? []
      : [`the role ${role} has no right to replicate: run \`dashcache changes install\``]),
  ];
}

interface Asked {
  readonly source: string;
  readonly role: string | null;
  readonly shape: readonly ShapeOfTable[];
}

async function serverOf(connection: FeedConnection, { source, role, shape }: Asked): Promise<Server> {
  const [row] = await connection.query(
    `SELECT current_setting('wal_level') AS wal_level, coalesce($2, current_user) AS role,
       EXISTS (SELECT FROM pg_publication WHERE pubname = $1) AS publication_exists,
       to_regclass('dashcache.changes') IS NOT NULL AS outbox_exists,
       coalesce((SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = coalesce($2, current_user)), false)
         AS can_replicate,
       (SELECT count(*)::int FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
         WHERE n.nspname = 'dashcache' AND p.proname NOT IN ('trim', 'wake') AND p.proname <> ALL ($3::text[])) AS others_count`,
    [publicationOf(source), role, shape.map(({ root }) => root?.name ?? '')],
  );
  return {
    walLevel: String(row?.['wal_level']),
    publicationExists: row?.['publication_exists'] === true,
    outboxExists: row?.['outbox_exists'] === true,
    othersCount: Number(row?.['others_count']),
    role: String(row?.['role']),
    canReplicate: row?.['can_replicate'] === true,
  };
}

async function withConnection<T>(
  options: InstallationOptions,
  use: (connection: FeedConnection) => Promise<T>,
): Promise<T> {
  const connection = await FeedConnection.open(options);
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}
