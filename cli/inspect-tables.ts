import { systemClock } from '../services/clock.js';
import { checkQueries } from '../services/definitions/check-queries.js';
import type { Definitions } from '../services/definitions/model.js';
import { panelTables } from '../services/definitions/panel-tables.js';
import { silentLog } from '../services/log.js';
import { openSources } from '../services/sources/open-sources.js';
import { CommandFailure } from './command-failure.js';
import { EXIT } from './exit-codes.js';

/** The tables that each panel is known to read, by dashboard and panel, as the sources say. */
export async function inspectTables(
  definitions: Definitions,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const observer = { sourceQuery: () => {} };
  const sources = openSources(definitions, { observer, log: silentLog, clock: systemClock });
  try {
    const { checked, absent } = await checkQueries(definitions, sources, { unknownDependencies: 'allow' });
    if (absent.length > 0)
      throw new CommandFailure(
        `The source ${absent.join(', ')} does not answer, and only it knows which tables its panels read`,
        EXIT.environment,
      );
    return new Map(
      [...checked].map(([panel, statements]) => [
        `${panel.dashboardId}/${panel.id}`,
        panelTables(panel, statements).tables,
      ]),
    );
  } finally {
    await Promise.all([...sources.values()].map((source) => source.close()));
  }
}
