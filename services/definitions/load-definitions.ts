import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { buildDashboard } from './build-dashboard.js';
import { buildSources } from './build-sources.js';
import { checkSharedWarming } from './build-warming.js';
import { DefinitionFaults } from './definition-faults.js';
import { FaultList } from './fault-list.js';
import type { Dashboard, Definitions } from './model.js';
import { spotOfPart } from './origins.js';
import type { Ttls } from './panel-policy.js';
import { dashboardSchema } from './schema-dashboard.js';
import { dashcacheSchema } from './schema-dashcache.js';
import { shadowedSettings } from './shadowed-settings.js';
import { readShape } from './shape.js';
import type { Environment } from './substitute.js';
import { YamlFile } from './yaml-file.js';

export interface LoadOptions {
  /** What ${NAME} may name: the environment, and the settings with their defaults. */
  readonly environment: Environment;
  readonly ttls: Ttls;
}

const DASHCACHE_FILE = 'dashcache.yaml';

/**
 * Reads dashcache.yaml and every other YAML file of the folder. Rejects with DefinitionFaults, which holds every mistake of every
 * file; what only the database can tell is left to checkQueries.
 */
export async function loadDefinitions(folder: string, options: LoadOptions): Promise<Definitions> {
  const faults = new FaultList();
  const files = await readFolder(folder, faults);
  const dashcacheFile = files.find((file) => file.name === join(folder, DASHCACHE_FILE));
  if (!dashcacheFile) throw new DefinitionFaults([...faults.faults, ...missingDashcache(folder, files)]);

  const dashcache = readShape(dashcacheFile, dashcacheSchema, options.environment);
  faults.push(dashcache.faults);
  const sources = buildSources(dashcache.shape, faults);
  checkSharedWarming(dashcache.shape, faults);
  const dashboards = new Map<string, Dashboard>();
  for (const file of files.filter((each) => each !== dashcacheFile)) {
    const { shape, faults: shapeFaults } = readShape(file, dashboardSchema, options.environment);
    faults.push(shapeFaults);
    const dashboard = await buildDashboard(shape, faults, {
      dashcache: dashcache.shape,
      sources,
      ttls: options.ttls,
    });
    if (dashboard) addDashboard(dashboard, dashboards, faults);
  }
  if (files.length === 1)
    faults.add(
      dashcacheFile.spot(0),
      'there is no dashboard beside this file',
      'write one into a YAML file of its own',
    );
  if (faults.faults.length > 0) throw new DefinitionFaults(faults.faults);
  return {
    folder: resolve(folder),
    sources,
    dashboards,
    shadowed: shadowedSettings(dashboards.values(), options.ttls),
  };
}

function addDashboard(dashboard: Dashboard, dashboards: Map<string, Dashboard>, faults: FaultList): void {
  const other = dashboards.get(dashboard.id);
  if (!other) dashboards.set(dashboard.id, dashboard);
  else
    faults.add(
      spotOfPart(dashboard) ?? { place: dashboard.place },
      `the id "${dashboard.id}" is taken`,
      `${other.place.file}:${other.place.line} has it already`,
    );
}

/** Every YAML file of the folder, in the order of their names; hidden ones are editors'. */
async function readFolder(folder: string, faults: FaultList): Promise<YamlFile[]> {
  const names = await namesIn(folder);
  const files: YamlFile[] = [];
  for (const name of names) {
    const path = join(folder, name);
    try {
      files.push(new YamlFile({ name: path, folder: resolve(folder), text: await readFile(path, 'utf8') }));
    } catch (error) {
      faults.add(
        { place: { file: path, line: 1, column: 1 } },
        `this file cannot be read: ${reasonOf(error)}`,
      );
    }
  }
  return files;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => /^[^.].*\.ya?ml$/.test(name)).sort();
  } catch (error) {
    throw new DefinitionFaults([
      {
        place: { file: folder, line: 1, column: 1 },
        message: `this folder cannot be read: ${reasonOf(error)}`,
        hint: 'DASHCACHE_CONFIG names the folder of the definitions',
      },
    ]);
  }
}

function missingDashcache(folder: string, files: readonly YamlFile[]): DefinitionFaults['faults'] {
  const near = files.find((file) => /dash-?cache\.ya?ml$/i.test(file.name));
  return [
    {
      place: { file: join(folder, DASHCACHE_FILE), line: 1, column: 1 },
      message: 'this file is missing: it names the sources',
      hint: near ? `rename ${near.name}` : 'write one with `sources:`',
    },
  ];
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reasons: Record<string, string> = {
    ENOENT: 'it does not exist',
    ENOTDIR: 'it is no folder',
    EISDIR: 'it is a folder',
    EACCES: 'its permissions forbid it',
  };
  return reasons[code] ?? (error instanceof Error ? error.message : String(error));
}
