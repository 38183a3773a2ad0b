import type { Definitions, Panel } from './definitions/model.js';
import { isOptionsPanel, OPTIONS } from './options-panel.js';

/** Whether definitions still say the same of what a panel shows. Of choices: whether the parameter still has some. */
export function isDeclared(panel: Panel, { dashboards }: Definitions): boolean {
  const dashboard = dashboards.get(panel.dashboardId);
  if (!isOptionsPanel(panel)) return dashboard?.panels.get(panel.id)?.definitionHash === panel.definitionHash;
  const [asked] = panel.queries;
  const options = dashboard?.parameters.get(panel.id.slice(OPTIONS.length))?.options;
  return options?.text === asked?.statement.text && dashboard?.sourceName === panel.sourceName;
}
