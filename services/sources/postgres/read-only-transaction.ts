import type { Client } from 'pg';
import { quoteLiteral } from '../sql-quote.js';
import { type ToldTenant, tenantLine } from './told-tenant.js';

export interface TransactionOptions {
  /** After this long the server itself ends a statement. */
  readonly statementMs: number;
  /** IANA name. */
  readonly timezone: string;
  /** Whose rows the policies of the tables let through; null: none of them is told. */
  readonly tenant: ToldTenant | null;
}

/** What a value means and how it is written must not depend on settings of a server, a database or a role. */
const SPELLING = {
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'postgres',
  bytea_output: 'hex',
  extra_float_digits: '1',
  standard_conforming_strings: 'on',
} as const;

/**
 * Runs `action` inside a read-only transaction that is rolled back, so that nothing of it stays in the session: behind a pooler
 * in transaction mode the next one may be somebody else's. All settings are SET LOCAL for the same reason.
 */
export async function readOnlyTransaction<T>(
  client: Client,
  { statementMs, timezone, tenant }: TransactionOptions,
  action: () => Promise<T>,
): Promise<T> {
  const settings = {
    statement_timeout: `${Math.max(1, Math.round(statementMs))}ms`,
    idle_in_transaction_session_timeout: `${Math.max(1000, Math.round(statementMs))}ms`,
    // Without it a server computes on for a client that was killed.
    client_connection_check_interval: '1s',
    TimeZone: timezone,
    ...SPELLING,
  };
  const lines = Object.entries(settings).map(([name, value]) => `SET LOCAL ${name} = ${quoteLiteral(value)}`);
  if (tenant) lines.push(tenantLine(tenant));
  try {
    await client.query(['BEGIN READ ONLY', ...lines].join('; '));
    return await action();
  } finally {
    // On a line that is gone there is nothing to roll back; whoever owns the connection sees that it is of no use.
    await client.query('ROLLBACK').catch(() => {});
  }
}
