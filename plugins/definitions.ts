import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { Config } from '../config.js';
import { checkQueries, type QueriesChecked } from '../services/definitions/check-queries.js';
import { DefinitionFaults } from '../services/definitions/definition-faults.js';
import { loadDefinitions } from '../services/definitions/load-definitions.js';
import type { Definitions, Panel } from '../services/definitions/model.js';
import {
  declaredTables,
  type PanelTables,
  panelTables,
  type TablesVerdict,
} from '../services/definitions/panel-tables.js';
import {
  isSchemaChanged,
  type SchemaSignatures,
  schemaSignatures,
} from '../services/definitions/schema-signatures.js';
import { SchemaWatch } from '../services/definitions/schema-watch.js';
import { watchDefinitions } from '../services/definitions/watch-definitions.js';
import type { Column, Source } from '../services/sources/source.js';

declare module 'fastify' {
  interface FastifyInstance {
    definitions: DefinitionsInForce;
  }
}

export interface DefinitionsInForce {
  readonly current: Definitions;
  /** Whether the files say something that was refused, or a source that came late refuses some query. */
  readonly isFaulty: boolean;
  /** The tables that a panel is known to read. */
  tablesOf(panel: Panel): readonly string[];
  /** How sure that is. */
  tablesVerdictOf(panel: Panel): TablesVerdict;
  /** The columns that the sources announce for each panel; another map once more of them is known, or other definitions. */
  readonly columns: ReadonlyMap<Panel, readonly Column[]>;
  /** Reads the files again; what is wrong with them is logged, and the last good ones stay. */
  reload(): Promise<void>;
  /** Tells of those that are in force now, and of any that take their place. */
  onTaken(listener: TakenListener): void;
  /** Calls now, and whenever the sources have told which tables the panels in force read. */
  onChecked(listener: () => void): void;
}

/** `longestDeadlineMs`: how long the slowest of their panels may take. */
type TakenListener = (taken: { readonly longestDeadlineMs: number }) => void;

export interface DefinitionsPluginOptions {
  readonly config: Pick<
    Config,
    'configFolder' | 'definitionEnvironment' | 'explicit' | 'metricsTtlMs' | 'chartTtlMs' | 'summaryTtlMs'
  >;
}

type Sources = ReadonlyMap<string, Source>;

/** The service starts in 2 s: a source that needs longer for the checks is checked behind its back (invariant 9). */
const CHECK_WAIT_MS = 1200;
const CHECK_AGAIN_MS = 5000;

/** Definitions with what the sources said of their queries so far. */
class Checked {
  readonly definitions: Definitions;
  readonly tables = new Map<Panel, PanelTables>();
  columns: ReadonlyMap<Panel, readonly Column[]> = new Map();
  hasLateFaults = false;
  /** Called when the sources have told more, or other, than before. */
  onNews = (): void => {};
  /** Asked for before the queries were checked: what changes during the check is seen by the next look. */
  signatures: SchemaSignatures = new Map();

  constructor(definitions: Definitions) {
    this.definitions = definitions;
  }

  tablesOf(panel: Panel): PanelTables {
    return this.tables.get(panel) ?? declaredTables(panel);
  }

  async check(sources: Sources): Promise<QueriesChecked> {
    this.signatures = await schemaSignatures(sources);
    return checkQueries(this.definitions, sources);
  }
}

/** Loads the definitions: faults refuse the start; a reload with faults keeps the last good ones. */
async function definitions(app: FastifyInstance, { config }: DefinitionsPluginOptions): Promise<void> {
  let inForce = await bringIn(app, config);
  let reloadFailed = false;
  let reloading = Promise.resolve();
  const listeners = new Set<TakenListener>();
  const checkedListeners = new Set<() => void>();
  const tellChecked = () => {
    for (const listener of checkedListeners) listener();
  };
  inForce.onNews = tellChecked;
  const tell = (listener: TakenListener) =>
    listener({ longestDeadlineMs: longestDeadlineMs(inForce.definitions) });

  const reload = async () => {
    try {
      inForce = await bringIn(app, config);
      inForce.onNews = tellChecked;
      reloadFailed = false;
      noteReload(app, 'taken');
      listeners.forEach(tell);
      tellChecked();
      app.log.info({ folder: config.configFolder }, 'The definitions were reloaded');
    } catch (error) {
      reloadFailed = true;
      noteReload(app, 'refused');
      const reason = error instanceof DefinitionFaults ? `:\n${error.message}` : '';
      app.log.error({ err: error }, `The changed definitions are refused, the last good ones stay${reason}`);
    }
  };
  app.decorate('definitions', {
    get current() {
      return inForce.definitions;
    },
    get isFaulty() {
      return reloadFailed || inForce.hasLateFaults;
    },
    tablesOf: (panel) => inForce.tablesOf(panel).tables,
    tablesVerdictOf: (panel) => inForce.tablesOf(panel).verdict,
    get columns() {
      return inForce.columns;
    },
    // One after the other: each reads the files as they are when its turn comes.
    reload() {
      reloading = reloading.then(reload);
      return reloading;
    },
    onTaken(listener) {
      listeners.add(listener);
      tell(listener);
    },
    onChecked(listener) {
      checkedListeners.add(listener);
      listener();
    },
  });
  reloadOnChange(app, config.configFolder);
  watchSchemas(app, () => inForce);
}

function noteReload({ clock, eventTrail }: FastifyInstance, outcome: 'taken' | 'refused'): void {
  eventTrail.record({ kind: 'reload', at: new Date(clock.nowMs()).toISOString(), outcome });
}

/** Loads, opens sources beside those in use, checks, and only then puts all of it in force. */
async function bringIn(app: FastifyInstance, config: DefinitionsPluginOptions['config']): Promise<Checked> {
  const loaded = await loadDefinitions(config.configFolder, {
    environment: config.definitionEnvironment,
    ttls: ttlsOf(config),
  });
  const prepared = app.sources.prepare(loaded);
  const checked = new Checked(loaded);
  try {
    const check = checked.check(prepared.sources);
    const result = await Promise.race([check, passed(app, CHECK_WAIT_MS)]);
    if (result && result.faults.length > 0) throw new DefinitionFaults(result.faults);
    if (result) take(app, checked, result);
    if (!result || result.absent.length > 0) checkLater(app, { checked, sources: prepared.sources, check });
  } catch (error) {
    await prepared.abandon();
    throw error;
  }
  prepared.use();
  for (const sentence of loaded.shadowed) app.log.info(sentence);
  return checked;
}

function longestDeadlineMs({ dashboards }: Definitions): number {
  const panels = [...dashboards.values()].flatMap((dashboard) => [...dashboard.panels.values()]);
  return Math.max(0, ...panels.map(({ policy }) => policy.deadlineMs));
}

/** What the sources know of columns and tables; a panel whose tables nobody can tell must not pass silently. */
function take(app: FastifyInstance, inForce: Checked, { checked, unproved }: QueriesChecked): void {
  const { definitions, tables } = inForce;
  // An endpoint shows its columns with its answers only.
  const columns = [...checked].flatMap(([panel, statements]) => {
    const known = statements.flatMap((statement) => statement.columns ?? []);
    return statements.every((statement) => statement.columns !== null) ? [[panel, known] as const] : [];
  });
  inForce.columns = new Map([...inForce.columns, ...columns]);
  // They have always run: an update must not end them. Whoever changes a definition is told by `validate`.
  for (const { place, message } of unproved) app.log.warn(`${place.file}:${place.line}: ${message}`);
  for (const [panel, statements] of checked) {
    const found = panelTables(panel, statements);
    tables.set(panel, found);
    // An endpoint has no tables.
    if (found.verdict === 'unknown' && definitions.sources.get(panel.sourceName)?.type !== 'http') {
      const name = `${panel.dashboardId}/${panel.id}`;
      app.log.warn(
        `Nobody can tell which tables ${name} reads: only its ttl renews it; name them in depends_on`,
      );
    }
  }
}

/** Queries whose schema has changed may read other tables: all are checked anew. Until then a panel's tables are those of before. */
function watchSchemas(app: FastifyInstance, checkedNow: () => Checked): void {
  const look = async () => {
    const checked = checkedNow();
    const sources = new Map([...app.sources.all()].map((source) => [source.name, source]));
    if (!isSchemaChanged(checked.signatures, await schemaSignatures(sources))) return;
    app.log.info('The schema of a source has changed: the queries are checked anew');
    checkLater(app, { checked, sources, check: checked.check(sources) });
  };
  const watch = new SchemaWatch({ clock: app.clock, look });
  app.sources.onQueryFailed(() => watch.lookSoon());
  app.sources.onTablesChanged(() => watch.lookSoon());
  app.addHook('onClose', async () => watch.close());
}

/** Until every source has answered. A query that is refused now is a 502 of its panel; readiness shows it. */
function checkLater(
  app: FastifyInstance,
  late: { checked: Checked; sources: Sources; check: Promise<QueriesChecked> },
): void {
  const { checked, sources } = late;
  const again = () => {
    // Nobody needs the answer once other definitions are in force, or the service stops.
    if (app.definitions.current !== checked.definitions || app.lifecycle.phase === 'draining') return;
    follow(checked.check(sources));
  };
  const follow = (check: Promise<QueriesChecked>) => {
    check.then(
      (result) => {
        take(app, checked, result);
        checked.onNews();
        checked.hasLateFaults = result.faults.length > 0;
        if (checked.hasLateFaults) logLateFaults(app, result);
        if (result.absent.length > 0) app.clock.after(CHECK_AGAIN_MS, again);
      },
      (error: unknown) => app.log.error({ err: error }, 'The queries could not be checked'),
    );
  };
  follow(late.check);
}

function logLateFaults(app: FastifyInstance, { faults }: QueriesChecked): void {
  const { message } = new DefinitionFaults(faults);
  app.log.error(`A source that was absent at the start refuses queries:\n${message}`);
}

function reloadOnChange(app: FastifyInstance, folder: string): void {
  const onChange = () => {
    app.definitions.reload();
  };
  const watch = watchDefinitions(folder, { clock: app.clock, onChange });
  app.addHook('onClose', async () => watch.close());
}

/** The settings that say how long panels stay fresh where no definition does. */
function ttlsOf({ explicit, metricsTtlMs, chartTtlMs, summaryTtlMs }: DefinitionsPluginOptions['config']) {
  const ttl = (ms: number, setting: string) => ({ ms, setting, explicit: explicit.has(setting) });
  return {
    metrics: ttl(metricsTtlMs, 'METRICS_TIMEOUT'),
    chart: ttl(chartTtlMs, 'CHART_DATA_TIMEOUT'),
    summary: ttl(summaryTtlMs, 'SUMMARY_TIMEOUT'),
  };
}

function passed(app: FastifyInstance, ms: number): Promise<null> {
  return new Promise((resolve) => {
    app.clock.after(ms, () => resolve(null));
  });
}

export default fp(definitions, {
  name: 'definitions',
  fastify: '5.x',
  dependencies: ['clock', 'lifecycle', 'sources', 'event-trail'],
});
