import type { FeedConnection } from './feed-connection.js';

const ROUNDS_COUNT = 3;

/**
 * Rejects where a connection has no session of its own, as behind PgBouncer in transaction mode: locks, LISTEN and settings would
 * fall to whoever comes next. Asks for nothing that stays. `another` opens a second connection by the same address.
 */
export async function requireOwnSession(
  connection: FeedConnection,
  another: () => Promise<FeedConnection>,
): Promise<void> {
  const own = await processOf(connection);
  // A server names its process when it greets; a pooler greets with a number of its own. Which is no proof of anything yet.
  if (own === connection.processId) return;
  const other = await another();
  try {
    for (let round = 0; round < ROUNDS_COUNT; round++) {
      // Twice, as servers may also be given in turn; one that was used last is given to the next who asks.
      const seen = [await processOf(connection), await processOf(connection)];
      if (seen.some((process) => process !== own) || (await processOf(other)) === own)
        throw new Error(
          'its address leads to a pooler that shares sessions, such as PgBouncer in transaction mode, and a feed needs one of ' +
            'its own: name the address of the database itself in `changes: { url: ... }`',
        );
    }
  } finally {
    await other.close();
  }
}

async function processOf(connection: FeedConnection): Promise<number> {
  const [row] = await connection.query('SELECT pg_backend_pid() AS process');
  return Number(row?.['process']);
}
