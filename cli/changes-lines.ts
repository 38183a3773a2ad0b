import type { ChangeFeed } from '../services/changes/change-feed.js';
import type { ChangesAction } from './changes.js';
import { counted } from './readable-figures.js';
import type { Terminal } from './terminal.js';

/** What was found and done in the database of one source. */
export interface SourceReport {
  readonly source: string;
  readonly feed: ChangeFeed['kind'];
  /** What keeps the feed from hearing all. */
  readonly faults: readonly string[];
  /** Those that were run, or would be. */
  readonly statements: readonly string[];
}

interface Told {
  readonly action: ChangesAction;
  readonly isDry: boolean;
  readonly colors: Terminal['colors'];
}

/** For a person; with --dry-run plain SQL, the rest in comments. */
export function changesLines(reports: readonly SourceReport[], told: Told): string[] {
  return reports.flatMap((report) => (told.isDry ? sqlLines(report, told) : linesOf(report, told)));
}

function sqlLines({ source, feed, statements }: SourceReport, { action }: Told): string[] {
  const title = `-- ${source} (${feed}): ${action}`;
  if (statements.length === 0) return [`${title}: nothing to do`];
  return [title, 'BEGIN;', ...statements.map((statement) => `${statement};`), 'COMMIT;'];
}

function linesOf({ source, feed, faults, statements }: SourceReport, { action, colors }: Told): string[] {
  const name = `${colors.bold(source)} (${feed})`;
  const ran = counted(statements.length, 'statement');
  if (action === 'remove')
    return [`${name}: ${statements.length === 0 ? 'nothing to remove' : `removed, ${ran}`}`];
  if (faults.length > 0) return [`${name}:`, ...faults.map((fault) => `  ${colors.red('✗')} ${fault}`)];
  const done = action === 'install' && statements.length > 0 ? `installed, ${ran}` : 'complete';
  return [`${name}: ${colors.green('✓')} ${done}`];
}
