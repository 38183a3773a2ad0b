import type { SwitchBody, SwitchStates } from '../services/switches/switch-schema.js';
import { counted, readableCount } from './readable-figures.js';
import type { Terminal } from './terminal.js';

type DashboardState = SwitchStates['dashboards'][number];
type OffBy = SwitchStates['off_by'];

/** A switch that is off by itself, and the words that turn it on. */
interface Off {
  readonly what: string;
  readonly turnOn: string;
}

/** All that is off, and how many panels that are. */
export function statesLines(states: SwitchStates, colors: Terminal['colors']): string[] {
  const panels = states.dashboards.flatMap((dashboard) => dashboard.panels);
  const offCount = panels.filter(({ enabled }) => !enabled).length;
  if (!states.enabled) return [`The cache is ${colors.yellow('off')} for everything: ${cure(states.off_by)}`];
  const off = states.dashboards.flatMap(offSwitches);
  const dashboards = counted(states.dashboards.length, 'dashboard');
  if (off.length === 0) {
    return [`The cache is ${colors.green('on')} for ${counted(panels.length, 'panel')} of ${dashboards}`];
  }
  return [
    ...off.map(({ what, turnOn }) => `${colors.yellow('off')}  ${what}  (${turnOn})`),
    `${readableCount(offCount)} of ${counted(panels.length, 'panel')} of ${dashboards} ${offCount === 1 ? 'is' : 'are'} off`,
  ];
}

/** What keeps a switch that was turned on from having its whole effect; nothing after one was turned off. */
export function effectLines(states: SwitchStates, { enabled, dashboard, panel }: SwitchBody): string[] {
  if (!enabled) return [];
  const target = stateOf(states, { dashboard, panel });
  if (!target) return [];
  if (!target.enabled) return [`It has no effect yet: ${cure(target.off_by, dashboard)}`];
  const below = panel === undefined ? states.dashboards.filter(isOrAny(dashboard)).flatMap(offSwitches) : [];
  return below.map(({ what, turnOn }) => `Still off: ${what}  (${turnOn})`);
}

function stateOf(
  states: SwitchStates,
  { dashboard, panel }: { dashboard: string | undefined; panel: string | undefined },
): { readonly enabled: boolean; readonly off_by: OffBy } | undefined {
  if (dashboard === undefined) return states;
  const state = states.dashboards.find(isOrAny(dashboard));
  return panel === undefined ? state : state?.panels.find((candidate) => candidate.panel === panel);
}

function isOrAny(id: string | undefined): (state: DashboardState) => boolean {
  return ({ dashboard }) => id === undefined || dashboard === id;
}

/** The dashboard's own switch hides those of its panels. */
function offSwitches({ dashboard, off_by, panels }: DashboardState): Off[] {
  if (off_by === 'dashboard') {
    return [{ what: `all of ${dashboard}`, turnOn: `dashcache switch on --dashboard ${dashboard}` }];
  }
  return panels
    .filter((panel) => panel.off_by === 'panel')
    .map(({ panel }) => ({
      what: `${panel} of ${dashboard}`,
      turnOn: `dashcache switch on --dashboard ${dashboard} --panel ${panel}`,
    }));
}

/** Which switch holds it off, and how that is turned. */
function cure(offBy: OffBy, dashboard?: string): string {
  switch (offBy) {
    case 'CACHE_ENABLED':
      return 'the service runs with CACHE_ENABLED=false, which no switch overrules; set it to true and restart';
    case 'all':
      return 'the switch of everything is off; turn it with: dashcache switch on';
    case 'dashboard':
      return `the switch of the whole dashboard is off; turn it with: dashcache switch on --dashboard ${dashboard}`;
    case 'panel':
      return 'its own switch is off again: somebody else turned it meanwhile';
    case null:
      return 'the service does not say why';
  }
}
