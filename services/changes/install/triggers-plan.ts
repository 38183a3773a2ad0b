import { quoteIdentifier } from '../../sources/sql-quote.js';
import type { ShapeOfTable } from '../watched-shape.js';
import { isWritten } from './faults-of-installation.js';
import { dropTriggerSql, OUTBOX_SQL, triggerSql } from './trigger-sql.js';

export interface OutboxState {
  readonly outboxExists: boolean;
  /** Triggers of tables that are not declared here: of another source of the same database. */
  readonly othersCount: number;
  /** Who reads the outbox. */
  readonly role: string;
}

/** What a feed of triggers needs of its database. Writers need no right to any of it. */
export function installTriggersSql(shape: readonly ShapeOfTable[], { role }: OutboxState): string[] {
  const reader = quoteIdentifier(role);
  return [
    ...OUTBOX_SQL,
    `GRANT USAGE ON SCHEMA dashcache TO ${reader}`,
    `GRANT SELECT ON dashcache.changes TO ${reader}`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON dashcache.readers TO ${reader}`,
    ...shape.filter(isWritten).flatMap(triggerSql),
  ];
}

/** The outbox itself goes with the last trigger that writes it. */
export function removeTriggersSql(
  shape: readonly ShapeOfTable[],
  { outboxExists, othersCount }: OutboxState,
): string[] {
  if (!outboxExists) return [];
  const isLast = othersCount === 0;
  return [...shape.flatMap(dropTriggerSql), ...(isLast ? ['DROP SCHEMA dashcache CASCADE'] : [])];
}
