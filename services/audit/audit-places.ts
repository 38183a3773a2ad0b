import { DashcacheError } from '../../errors.js';
import type { Dashboard, Definitions, Panel, Parameter } from '../definitions/model.js';
import { optionsPanel } from '../options-panel.js';

/** A panel with the values of those parameters that have no default: where an audit may look. */
export interface AuditPlace {
  readonly dashboard: Dashboard;
  readonly panel: Panel;
  readonly texts: ReadonlyMap<string, string>;
}

export interface AuditPlaces {
  readonly places: readonly AuditPlace[];
  /** Panels that nobody can ask for without knowing more, and why, as sentences. */
  readonly skipped: readonly string[];
}

/** Tells the values of a query of options. */
export type ValuesOf = (panel: Panel) => Promise<readonly string[]>;

/** More tenants than this are sampled, not listed: places are held in memory. */
const VALUES_MAX_COUNT = 1000;

/** Every panel of every dashboard with every value of what has to be given: mostly, every tenant. */
export async function auditPlaces({ dashboards }: Definitions, valuesOf: ValuesOf): Promise<AuditPlaces> {
  const places: AuditPlace[] = [];
  const skipped: string[] = [];
  for (const dashboard of dashboards.values()) {
    const choices = await choicesOf(dashboard, valuesOf);
    for (const panel of dashboard.panels.values()) {
      const needed = panel.parameters.filter(isNeeded);
      const unknown = needed.find(({ name }) => (choices.get(name)?.length ?? 0) === 0);
      if (unknown) skipped.push(`${panel.id} of ${dashboard.id}: nobody tells the values of ${unknown.name}`);
      else for (const texts of combined(needed, choices)) places.push({ dashboard, panel, texts });
    }
  }
  return { places, skipped };
}

function isNeeded({ defaultText, optional }: Parameter): boolean {
  return defaultText === null && !optional;
}

async function choicesOf(
  dashboard: Dashboard,
  valuesOf: ValuesOf,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const choices = new Map<string, readonly string[]>();
  for (const parameter of dashboard.parameters.values()) {
    if (!isNeeded(parameter)) continue;
    const values = await valuesOfParameter(dashboard, parameter, valuesOf);
    choices.set(parameter.name, values.slice(0, VALUES_MAX_COUNT));
  }
  return choices;
}

async function valuesOfParameter(
  dashboard: Dashboard,
  parameter: Parameter,
  valuesOf: ValuesOf,
): Promise<readonly string[]> {
  if (parameter.type === 'boolean') return ['true', 'false'];
  if (parameter.type === 'string' && parameter.enum) return parameter.enum;
  const panel = optionsPanel(dashboard, parameter.name);
  // Choices that depend on other values would have to be asked for with each of them.
  if (!panel || panel.parameters.length > 0) return [];
  try {
    return await valuesOf(panel);
  } catch (error) {
    // A query that fails takes its panels out of the audit; a source that is away ends it.
    if (error instanceof DashcacheError && error.code === 'source_wrong_answer') return [];
    throw error;
  }
}

/** The tenants all, of the other parameters the first choice: they would multiply. */
function combined(
  needed: readonly Parameter[],
  choices: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, string>[] {
  const fixed = needed
    .filter(({ tenant }) => !tenant)
    .map(({ name }) => [name, choices.get(name)?.[0] ?? ''] as const);
  const tenant = needed.find((parameter) => parameter.tenant);
  if (!tenant) return [new Map(fixed)];
  return (choices.get(tenant.name) ?? []).map((text) => new Map([...fixed, [tenant.name, text]]));
}
