import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration, parseSize } from '../services/definitions/duration.js';
import type { Tried } from '../services/simulate/tried-policies.js';

export interface SimulateOptions {
  readonly ttl?: readonly Tried[];
  readonly grace?: readonly Tried[];
  readonly maxStaleness?: readonly Tried[];
  /** Bytes. */
  readonly memory?: number;
  readonly processes?: number;
  /** ms. */
  readonly loadTime: number;
  readonly changes?: string;
  readonly proposals: boolean;
  readonly json?: true;
}

const PROCESSES_MAX_COUNT = 100;

/** Adds the options of SimulateOptions to a command. */
export function withSimulateOptions(command: Command): Command {
  return command
    .option(
      '--ttl <[panel=]duration>',
      'another ttl, for all or for one dashboard or panel; may be repeated',
      triedAs('ttlMs'),
    )
    .option('--grace <[panel=]duration>', 'another grace', triedAs('graceMs'))
    .option('--max-staleness <[panel=]duration>', 'another max_staleness', triedAs('maxStalenessMs'))
    .option(
      '--memory <size>',
      'what entries may take (REDIS_MAX_BYTES with a Redis, else MEMORY_MAX_BYTES)',
      bytesOf,
    )
    .option('--processes <count>', 'how many there are; without a Redis each keeps its own entries', countOf)
    .addOption(
      new Option('--load-time <duration>', 'how long a query takes')
        .argParser(durationOf)
        .default(250, '250ms'),
    )
    .option('--changes <file>', 'lines of an instant and the table that changed then')
    .option('--no-proposals', 'only what was asked for: six times as fast')
    .option('--json', 'print what was found as JSON');
}

function triedAs(key: Tried['key']): (text: string, before?: readonly Tried[]) => Tried[] {
  return (text, before = []) => {
    const at = text.lastIndexOf('=');
    const panels = at < 0 ? null : text.slice(0, at);
    return [...before, { key, panels, ms: durationOf(text.slice(at + 1)) }];
  };
}

function durationOf(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new InvalidArgumentError('A duration such as 250ms, 30s, 5m or 1h.');
  return ms;
}

function bytesOf(text: string): number {
  const bytes = parseSize(text);
  if (bytes === null || bytes < 1) throw new InvalidArgumentError('A size such as 64MiB or 100MB.');
  return bytes;
}

function countOf(text: string): number {
  const count = Number(text);
  if (/^[1-9]\d*$/.test(text) && count <= PROCESSES_MAX_COUNT) return count;
  throw new InvalidArgumentError(`A number from 1 to ${PROCESSES_MAX_COUNT}.`);
}
