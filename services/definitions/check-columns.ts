import type { CheckedStatement } from '../sources/source.js';
import { didYouMean, type FaultList } from './fault-list.js';
import type { Panel, Parameter, Statement } from './model.js';
import { spotInStatement, spotOfPart } from './origins.js';
import { suggest } from './suggest.js';
import type { Spot } from './yaml-file.js';

/** Holds the columns that the database announces against what the panel says of them. */
export function checkPanelColumns(
  panel: Panel,
  statements: readonly CheckedStatement[],
  faults: FaultList,
): void {
  const names = new Set<string>();
  // What an endpoint answers is known when it answers.
  if (statements.some(({ columns }) => columns === null)) return;
  for (const [index, { columns }] of statements.entries())
    for (const { name } of columns ?? []) {
      if (names.has(name))
        faults.add(
          querySpot(panel, index),
          `the column "${name}" is there twice`,
          'give one another name with AS',
        );
      names.add(name);
    }
  checkChart(panel, names, faults);
  for (const [column, value] of panel.values)
    if (!names.has(column))
      faults.add(
        spotOfPart(value) ?? { place: panel.place },
        `the query has no column "${column}"`,
        didYouMean(suggest(column, names), `it has ${[...names].join(', ')}`),
      );
}

/** Options have a value and perhaps a label. */
export function checkOptionsColumns(
  parameter: Parameter,
  statement: Statement,
  { checked, faults }: { checked: CheckedStatement; faults: FaultList },
): void {
  const { length } = checked.columns ?? [0];
  if (length === 1 || length === 2) return;
  const spot = spotInStatement(statement, 0) ?? { place: parameter.place };
  faults.add(
    spot,
    `the options of "${parameter.name}" have ${length} columns`,
    'give one column, the value, or two, the value and its label',
  );
}

function checkChart(panel: Panel, names: ReadonlySet<string>, faults: FaultList): void {
  if (!panel.chart) return;
  const { labels } = panel.chart;
  if (!names.has(labels))
    faults.add(
      spotOfPart(panel.chart) ?? { place: panel.place },
      `the query has no column "${labels}" for the labels`,
      didYouMean(suggest(labels, names), `it has ${[...names].join(', ')}`),
    );
  else if (names.size < 2)
    faults.add(
      querySpot(panel, 0),
      'this chart has labels but no series',
      'every column beside the labels is a series: select one more',
    );
}

function querySpot(panel: Panel, index: number): Spot {
  const query = panel.queries[index];
  return (query && spotOfPart(query)) ?? { place: query?.place ?? panel.place };
}
