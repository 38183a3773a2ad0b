import type { ExplainedCopy, ExplainedEntry } from '../services/explain/entries-schema.js';
import { colorOfState, foundIn, ttlText } from './explain-words.js';
import { readableBytes, readableDuration, readableMoment } from './readable-figures.js';
import type { Terminal } from './terminal.js';

const LABEL_WIDTH = 14;

/** All that is known of one panel, one line for each thing. */
export function entryLines(entry: ExplainedEntry, colors: Terminal['colors']): string[] {
  const { key, policy, tags } = entry;
  const where = foundIn(entry);
  return [
    labelled('state', `${colorOfState(entry.state, colors)}${where === '' ? '' : `, ${where}`}`),
    labelled('next read', entry.reason),
    ...(entry.age_ms === null
      ? []
      : [labelled('age', readableDuration(Math.floor(entry.age_ms / 1000) * 1000))]),
    ...(entry.enabled ? [] : [labelled('switch', `${colors.yellow('off')}: every read asks its source`)]),
    labelled('ttl', ttlText(policy)),
    labelled('grace', readableDuration(policy.grace_ms)),
    labelled('stale if error', readableDuration(policy.stale_if_error_ms)),
    labelled('deadline', deadlineText(policy)),
    labelled('unproven', policy.unproven === 'never' ? 'never served' : 'served while Redis does not answer'),
    ...copyLines('in memory', entry.l1),
    ...copyLines('in Redis', entry.l2),
    labelled('source', entry.source),
    labelled('tables', tablesText(entry)),
    labelled('parameters', key.params.length === 0 ? 'none' : key.params.map(parameterText).join(', ')),
    labelled('key', key.hash),
    ...(key.redis_key === null ? [] : [labelled('  in Redis', key.redis_key)]),
    labelled('  definition', key.definition),
    ...(key.tenant === null ? [] : [labelled('  tenant', key.tenant)]),
    labelled('tags', tags.length === 0 ? 'none' : tags.map(tagText).join(', ')),
  ];
}

function deadlineText({ deadline_ms, soft_deadline_ms }: ExplainedEntry['policy']): string {
  const hard = readableDuration(deadline_ms);
  return soft_deadline_ms === null
    ? hard
    : `${hard}; who has something stale waits ${readableDuration(soft_deadline_ms)}`;
}

const VERDICTS: Readonly<Record<ExplainedEntry['tables_verdict'], string>> = {
  exact: 'exact: no others',
  over: 'over: perhaps fewer',
  unknown: 'unknown: perhaps others',
  declared: 'declared: as the definition says',
};

function tablesText({ tables, tables_verdict: verdict }: ExplainedEntry): string {
  const named = tables.length === 0 ? (verdict === 'exact' ? 'none' : 'none known') : tables.join(', ');
  return `${named} (${VERDICTS[verdict]})`;
}

function copyLines(label: string, copy: ExplainedCopy | null): string[] {
  if (copy === null) return [labelled(label, 'nothing')];
  const moment = momentOf(copy);
  return [
    labelled(label, `${copy.state}: ${copy.reason}`),
    labelled(
      '',
      `loaded ${moment(copy.stored_at)}, stale ${moment(copy.stale_at)}, gone ${moment(copy.delete_at)}`,
    ),
    labelled('', `content of ${copy.generated_at}, ${readableBytes(copy.bytes)}, ETag ${copy.etag}`),
  ];
}

/** The service's own now, which its answer implies: the clock of this machine may differ. */
function momentOf({ stored_at, age_ms }: ExplainedCopy): (instant: string) => string {
  const nowMs = Date.parse(stored_at) + age_ms;
  return (instant) => readableMoment(Date.parse(instant) - nowMs);
}

function parameterText({ name, value, type }: ExplainedEntry['key']['params'][number]): string {
  return `${name}=${value ?? 'NULL'} (${type})`;
}

function tagText({ scope, name, tenant }: ExplainedEntry['tags'][number]): string {
  const what = name === null ? scope : `${scope} ${name}`;
  return tenant === null ? what : `${what} of tenant ${tenant}`;
}

function labelled(label: string, text: string): string {
  return `  ${label.padEnd(LABEL_WIDTH)}  ${text}`;
}
