import { DuckDBInstance } from '@duckdb/node-api';
import { attendanceSql } from './operations/attendance.js';
import { placesSql } from './operations/places.js';
import { rhythmSql } from './operations/rhythm.js';
import { type OperationsSize, operationsSize } from './operations/size.js';
import { tasksSql, workOrdersSql } from './operations/work.js';

/** Raised when the data would come out differently: an older database is then made anew. */
export const DEMO_FORMAT = 1;

const HOUR_MS = 3_600_000;

export interface GenerateOptions {
  readonly path: string;
  /** The data end at the full hour before this instant. */
  readonly nowMs: number;
  readonly scale?: number;
  readonly progress: (line: string) => void;
}

/**
 * Writes a new demo database to `path`, where no file may be. The same hour and scale give the same rows. The table
 * demo_info is written last: a database without it is not complete.
 */
export async function generateOperations(options: GenerateOptions): Promise<void> {
  const asOfMs = Math.floor(options.nowMs / HOUR_MS) * HOUR_MS;
  const size = operationsSize(options.scale);
  // Where memory is short, sorts go on in a folder beside the file, not in one of the current folder.
  const instance = await DuckDBInstance.create(':memory:', { temp_directory: `${options.path}.spill` });
  try {
    const connection = await instance.connect();
    // Small row groups: the rows of one site, which lie together, are then a small part of what a scan must read.
    await connection.run(
      `ATTACH '${options.path.replaceAll("'", "''")}' AS operations (ROW_GROUP_SIZE 16384)`,
    );
    await connection.run('USE operations');
    // The planner takes the drawn rows for few and would compare each with every slot.
    await connection.run('SET asof_loop_join_threshold = 0');
    for (const step of steps(asOfMs, size)) {
      options.progress(step.title);
      for (const statement of step.statements) await connection.run(statement);
    }
    await connection.run('USE memory');
    await connection.run('DETACH operations');
    connection.closeSync();
  } finally {
    instance.closeSync();
  }
}

interface Step {
  readonly title: string;
  readonly statements: readonly string[];
}

function steps(asOfMs: number, size: OperationsSize): readonly Step[] {
  const count = (value: number): string => value.toLocaleString('en');
  return [
    {
      title: `${count(size.sitesCount)} sites and ${count(size.peopleCount)} people`,
      statements: [...rhythmSql(asOfMs), ...placesSql(size)],
    },
    { title: `${count(size.tasksCount)} tasks`, statements: tasksSql() },
    { title: `${count(size.workOrdersCount)} work orders`, statements: workOrdersSql() },
    { title: 'two years of attendance', statements: attendanceSql() },
    {
      title: 'writing the database',
      statements: [
        `CREATE TABLE demo_info AS SELECT ${DEMO_FORMAT} AS format, as_of, ${size.tasksCount} AS task_count FROM span`,
        'CHECKPOINT',
      ],
    },
  ];
}
