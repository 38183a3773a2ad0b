import { suggest } from '../services/definitions/suggest.js';
import type { WarmingBody } from '../services/warming/warming-schema.js';
import { type Catalogue, OptionsSchema } from './catalogue-schema.js';
import { CommandFailure } from './command-failure.js';
import { EXIT } from './exit-codes.js';
import type { ServiceClient } from './service-client.js';
import { ServiceFailure } from './service-failure.js';

export interface Wanted {
  /** Ids; empty for all that there are. */
  readonly dashboards: readonly string[];
  readonly panel: string | null;
  readonly tenant: string | null;
  readonly params: Readonly<Record<string, string>>;
}

/** What is asked of the service for one dashboard: a body for each tenant. */
export interface Warming {
  readonly dashboard: string;
  readonly bodies: readonly WarmingBody[];
}

type Dashboard = Catalogue['dashboards'][number];

/** The warmings that are wanted. What is not in the catalogue, or belongs to no dashboard, is a wrong call. */
export async function warmings(
  service: ServiceClient,
  { dashboards }: Catalogue,
  wanted: Wanted,
): Promise<Warming[]> {
  const chosen = wanted.dashboards.length > 0 ? named(dashboards, wanted) : fitting(dashboards, wanted);
  const planned: Warming[] = [];
  for (const dashboard of chosen) {
    planned.push({ dashboard: dashboard.id, bodies: await bodiesOf(service, dashboard, wanted) });
  }
  return planned;
}

function named(dashboards: readonly Dashboard[], { dashboards: ids, panel }: Wanted): Dashboard[] {
  return [...new Set(ids)].map((id) => {
    const dashboard = dashboards.find((candidate) => candidate.id === id);
    if (!dashboard) throw unknown('dashboard', id, idsOf(dashboards));
    if (panel !== null && !hasPanel(dashboard, panel)) {
      throw unknown(`panel of ${id}`, panel, idsOf(dashboard.panels));
    }
    return dashboard;
  });
}

/** Of all dashboards those that have what is asked for: the panel, and tenants. */
function fitting(dashboards: readonly Dashboard[], { panel, tenant }: Wanted): Dashboard[] {
  const withPanel = dashboards.filter((dashboard) => panel === null || hasPanel(dashboard, panel));
  if (panel !== null && withPanel.length === 0) {
    throw unknown('panel', panel, new Set(dashboards.flatMap(({ panels }) => idsOf(panels))));
  }
  const chosen = withPanel.filter((dashboard) => tenant === null || dashboard.tenant !== null);
  if (withPanel.length > 0 && chosen.length === 0) {
    throw new CommandFailure('None of the dashboards has tenants: leave --tenant out', EXIT.usage);
  }
  return chosen;
}

async function bodiesOf(
  service: ServiceClient,
  dashboard: Dashboard,
  wanted: Wanted,
): Promise<WarmingBody[]> {
  const body: WarmingBody = {
    dashboard: dashboard.id,
    ...(wanted.panel !== null && { panel: wanted.panel }),
    ...(Object.keys(wanted.params).length > 0 && { params: wanted.params }),
  };
  if (wanted.tenant !== null) return [{ ...body, tenant: wanted.tenant }];
  if (dashboard.tenant === null || Object.hasOwn(wanted.params, dashboard.tenant)) return [body];
  const tenants = await tenantsOf(service, { id: dashboard.id, parameter: dashboard.tenant });
  return tenants.map((tenant) => ({ ...body, tenant }));
}

async function tenantsOf(
  service: ServiceClient,
  { id, parameter }: { readonly id: string; readonly parameter: string },
): Promise<string[]> {
  const path = `/dashboards/${encodeURIComponent(id)}/options/${encodeURIComponent(parameter)}`;
  try {
    const { options } = await service.ask({ path, answer: OptionsSchema });
    return options.map(({ value }) => String(value));
  } catch (error) {
    if (!(error instanceof ServiceFailure) || error.code !== 'parameter_unknown') throw error;
    throw new CommandFailure(
      `Nobody knows all tenants of ${id}, because its parameter ${parameter} has no options: name one with --tenant`,
      EXIT.usage,
      error,
    );
  }
}

function hasPanel({ panels }: Dashboard, id: string): boolean {
  return panels.some((panel) => panel.id === id);
}

function idsOf(things: readonly { readonly id: string }[]): string[] {
  return things.map(({ id }) => id);
}

function unknown(kind: string, id: string, known: Iterable<string>): CommandFailure {
  const near = suggest(id, known);
  const help = near === null ? `there are: ${[...known].join(', ') || 'none'}` : `did you mean ${near}?`;
  return new CommandFailure(`There is no ${kind} ${id}: ${help}`, EXIT.usage);
}
