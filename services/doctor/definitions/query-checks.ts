import type { Panel, Place } from '../../definitions/model.js';
import { type Check, check, type Unseen } from '../check.js';
import type { Facts } from '../facts.js';
import { existenceByCount } from '../source/existence-by-count.js';

/** What the queries of panels are like. */
export const queryChecks: readonly Check[] = [
  check({
    id: 'dependencies-unknown',
    group: 'definitions',
    severity: 'warning',
    what: 'It is known which tables a panel reads, so that changes of them renew it',
    fix: 'name them in `depends_on`, or say `ttl_only: true` (docs/dependencies.md)',
    needs: ['definitions', 'queries'],
    run: ({ definitions, queries }) => [
      ...unseenQueries(queries),
      ...panelsOf(definitions).flatMap((panel) => {
        const statements = queries.checked.get(panel) ?? [];
        const isDeclared = panel.ttlOnly || panel.dependsOn.length > 0;
        const isEndpoint = definitions.sources.get(panel.sourceName)?.type === 'http';
        if (isDeclared || isEndpoint || statements.every(({ verdict }) => verdict !== 'unknown')) return [];
        return [
          { evidence: `${nameOf(panel)} (${placeOf(panel.place)}): nobody can tell which tables it reads` },
        ];
      }),
    ],
  }),
  check({
    id: 'count-as-existence',
    group: 'definitions',
    severity: 'warning',
    what: 'No query counts rows only to know whether there are any',
    fix: 'write EXISTS (SELECT 1 FROM ... WHERE ...): it ends at the first row; in code `dashcache optimize` rewrites it',
    needs: ['definitions'],
    run: ({ definitions }) =>
      panelsOf(definitions).flatMap((panel) =>
        panel.queries
          .filter(({ statement }) => statement.request === undefined)
          .flatMap(({ statement, place }) =>
            existenceByCount(statement.text).map((text) => ({
              evidence: `${nameOf(panel)} (${placeOf(place)}) compares ${text} with nothing`,
            })),
          ),
      ),
  }),
];

/** Of whose queries nothing is known. */
export function unseenQueries({ absent }: Facts['queries']): Unseen[] {
  return absent.map((source) => ({ unseen: `the queries of ${source}, which does not answer` }));
}

/** Every panel there is. */
export function panelsOf({ dashboards }: Facts['definitions']): Panel[] {
  return [...dashboards.values()].flatMap(({ panels }) => [...panels.values()]);
}

/** `operations/charts/tasks` */
export function nameOf({ dashboardId, id }: Panel): string {
  return `${dashboardId}/${id}`;
}

/** `file:line` */
export function placeOf({ file, line }: Place): string {
  return `${file}:${line}`;
}
