import type { PostgresServer } from '../../helpers/postgres-server.js';

/** Lines of postgresql.conf with which a server writes what it is asked into a file that `StatementLog` reads. */
export const STATEMENT_LOG_LINES = [
  'logging_collector = on',
  "log_filename = 'statements.log'",
  'log_rotation_age = 0',
  'log_rotation_size = 0',
  "log_line_prefix = '%n '",
];

export interface LoggedStatement {
  /** Wall clock, by the server. */
  readonly atMs: number;
  readonly text: string;
}

const EXECUTED = /^(\d+\.\d+) LOG: {2}execute [^:]*: (.*)$/gm;

/**
 * What PostgreSQL itself says that it was asked, whatever the service counts: of roles with `log_statement = all` every statement
 * that was executed, but not those that were only described.
 */
export class StatementLog {
  readonly #server: PostgresServer;

  constructor(server: PostgresServer) {
    this.#server = server;
  }

  /** Those whose text contains that, in order. */
  async executed(part: string): Promise<readonly LoggedStatement[]> {
    const { rows } = await this.#server.query('SELECT pg_read_file(pg_current_logfile()) AS text');
    return [...String(rows[0]?.text).matchAll(EXECUTED)]
      .map(([, seconds, text = '']) => ({ atMs: Number(seconds) * 1000, text }))
      .filter(({ text }) => text.includes(part));
  }
}
