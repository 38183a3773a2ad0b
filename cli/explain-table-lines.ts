import type { ExplainedEntry } from '../services/explain/entries-schema.js';
import { colorOfState, foundIn, ttlText } from './explain-words.js';
import { readableDuration } from './readable-figures.js';
import { type Column, tableLines } from './table-lines.js';
import type { Terminal } from './terminal.js';

const COLUMNS: readonly Column[] = [
  { title: 'panel' },
  { title: 'state' },
  { title: 'found' },
  { title: 'age', align: 'right' },
  { title: 'ttl' },
  { title: 'the next read' },
];

/** The panels of a dashboard, one line each. */
export function entriesTableLines(entries: readonly ExplainedEntry[], colors: Terminal['colors']): string[] {
  const [titles = '', ...rows] = tableLines(
    COLUMNS,
    entries.map((entry) => [
      entry.panel,
      entry.enabled ? colorOfState(entry.state, colors) : colors.yellow('switched off'),
      foundIn(entry) || '–',
      entry.age_ms === null ? '–' : readableDuration(Math.floor(entry.age_ms / 1000) * 1000),
      ttlText(entry.policy),
      entry.reason,
    ]),
  );
  return [colors.dim(titles), ...rows];
}
