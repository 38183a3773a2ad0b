import { formatDuration } from './duration.js';
import type { Dashboard, PanelKind } from './model.js';
import type { Ttls } from './panel-policy.js';

/** A sentence for each ttl setting that somebody made and no panel follows, because a file says otherwise. */
export function shadowedSettings(dashboards: Iterable<Dashboard>, ttls: Ttls): string[] {
  const panels = [...dashboards].flatMap((dashboard) => [...dashboard.panels.values()]);
  return (['metrics', 'chart', 'summary'] as const).flatMap((kind: PanelKind) => {
    const { ms, setting, explicit } = ttls[kind];
    const ofKind = panels.filter((panel) => panel.kind === kind);
    if (!explicit || ofKind.some((panel) => panel.ttlOrigin === setting)) return [];
    const origins = [
      ...new Set(ofKind.map((panel) => `the ${panel.ttlOrigin}`.replace('the dashcache', 'dashcache'))),
    ];
    const why =
      ofKind.length === 0
        ? `there is no ${kind} panel`
        : `the ttl of every ${kind} panel comes from ${origins.join(' or ')}`;
    return [`${setting} (${formatDuration(ms)}) has no effect: ${why}`];
  });
}
