import { statSync } from 'node:fs';
import { Type } from '@sinclair/typebox';
import { Command } from 'commander';
import { loadOptions } from '../config/load-options.js';
import { type Config, loadConfig } from '../config.js';
import { catalogue } from '../services/catalogue.js';
import { systemClock } from '../services/clock.js';
import { checkQueries } from '../services/definitions/check-queries.js';
import { DefinitionFaults } from '../services/definitions/definition-faults.js';
import { loadDefinitions } from '../services/definitions/load-definitions.js';
import type { Definitions, Panel } from '../services/definitions/model.js';
import { silentLog } from '../services/log.js';
import { dashboardComponents } from '../services/openapi/dashboard-paths.js';
import { dashboardTypes, type TypedDashboard } from '../services/openapi/dashboard-types.js';
import type { Schema } from '../services/openapi/document.js';
import { openSources } from '../services/sources/open-sources.js';
import type { Column } from '../services/sources/source.js';
import { CommandFailure } from './command-failure.js';
import { EXIT } from './exit-codes.js';
import { withService } from './service-client.js';
import { addressText } from './service-options.js';
import type { Terminal } from './terminal.js';

interface TypesOptions {
  readonly config?: string;
  readonly url?: string;
  readonly json?: true;
}

interface Described {
  readonly dashboards: readonly TypedDashboard[];
  readonly schemas: Readonly<Record<string, Schema>>;
}

export function typesCommand(terminal: Terminal): Command {
  return new Command('types')
    .description('Write TypeScript types of the dashboards for `dashcache/client`')
    .option('--config <folder>', 'folder of the definitions (DASHCACHE_CONFIG)')
    .option('--url <address>', 'ask a running service instead', addressText)
    .option('--json', 'print what the types are made of as JSON')
    .addHelpText(
      'after',
      `
Without --url no service is asked; sources are only asked which columns the queries have. The columns of a
source that is away are as the definitions declare them, and this is said.

Examples:
  dashcache types > dashboards.d.ts
  dashcache types --url https://dashboards.example.com > dashboards.d.ts`,
    )
    .action((options: TypesOptions) => printTypes(options, terminal));
}

async function printTypes({ config, url, json }: TypesOptions, terminal: Terminal): Promise<void> {
  if (config !== undefined && url !== undefined)
    throw new CommandFailure('Name a folder with --config or a service with --url, not both', EXIT.usage);
  const described =
    url === undefined ? await describedByFolder(config, terminal) : await describedByService(url);
  terminal.out(
    json
      ? JSON.stringify(described, null, 2)
      : dashboardTypes(described.dashboards, described.schemas).trimEnd(),
  );
}

const CatalogueAnswer = Type.Object({ dashboards: Type.Array(Type.Unsafe<TypedDashboard>(Type.Object({}))) });
const OpenapiAnswer = Type.Object({
  components: Type.Object({ schemas: Type.Record(Type.String(), Type.Unsafe<Schema>(Type.Object({}))) }),
});

function describedByService(url: string): Promise<Described> {
  return withService({ url }, async (service) => {
    const { dashboards } = await service.ask({ path: '/dashboards', answer: CatalogueAnswer });
    const { components } = await service.ask({ path: '/openapi.json', answer: OpenapiAnswer });
    const schemas = Object.entries(components.schemas).filter(([name]) => name.startsWith('dashboard.'));
    return { dashboards, schemas: Object.fromEntries(schemas) };
  });
}

async function describedByFolder(folder: string | undefined, terminal: Terminal): Promise<Described> {
  if (folder !== undefined && !statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new CommandFailure(`${folder} is no folder`, EXIT.usage);
  const config: Config = loadConfig(undefined, folder === undefined ? {} : { DASHCACHE_CONFIG: folder });
  const definitions = await loadDefinitions(config.configFolder, loadOptions(config));
  const { schemas } = dashboardComponents(definitions, await columnsOf(definitions, terminal));
  const { dashboards } = JSON.parse(JSON.stringify(catalogue(definitions))) as {
    dashboards: TypedDashboard[];
  };
  return { dashboards, schemas };
}

async function columnsOf(
  definitions: Definitions,
  terminal: Terminal,
): Promise<ReadonlyMap<Panel, readonly Column[]>> {
  const observer = { sourceQuery: () => {} };
  const sources = openSources(definitions, { observer, log: silentLog, clock: systemClock });
  try {
    const { checked, faults, absent } = await checkQueries(definitions, sources);
    if (faults.length > 0) throw new DefinitionFaults(faults);
    for (const name of absent) terminal.err(`${name} is away: its columns are those that are declared`);
    const known = [...checked].filter(([, statements]) =>
      statements.every(({ columns }) => columns !== null),
    );
    return new Map(
      known.map(([panel, statements]) => [panel, statements.flatMap(({ columns }) => columns ?? [])]),
    );
  } finally {
    await Promise.all([...sources.values()].map((source) => source.close()));
  }
}
