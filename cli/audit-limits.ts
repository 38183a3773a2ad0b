import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../services/definitions/duration.js';
import { addressText } from './service-options.js';

/** Whom an audit asks, and how much; durations in ms. */
export interface AuditLimitOptions {
  readonly url?: readonly string[];
  readonly for: number;
  /** From the beginning of one sample to that of the next. */
  readonly rate: number;
  readonly sample: number;
  readonly seed?: number;
}

const SAMPLES_MAX_COUNT = 100_000;

/** Adds the options of AuditLimitOptions to a command. */
export function withAuditLimits(command: Command): Command {
  return command
    .option(
      '--url <address>',
      'a replica; may be repeated (DASHCACHE_URL; else PORT on this machine)',
      withAddress,
    )
    .addOption(limitOption('--sample <count>', 'how many samples at the most', countOf).default(200))
    .addOption(limitOption('--for <duration>', 'how long at the most', durationOf).default(60_000, '60s'))
    .addOption(
      limitOption(
        '--rate <count/s>',
        'how many samples in a second, or in a minute: 30/min',
        everyMsOf,
      ).default(200, '5/s'),
    )
    .option('--seed <number>', 'takes the samples of an earlier audit again', seedOf);
}

/** An option of how much may be asked; the functions below read its word, and say what is wrong with it. */
export function limitOption(flags: string, description: string, read: (text: string) => number): Option {
  return new Option(flags, description).argParser(read);
}

function withAddress(text: string, before: readonly string[] = []): string[] {
  const address = addressText(text);
  if (before.includes(address)) throw new InvalidArgumentError('It is named already.');
  return [...before, address];
}

export function countOf(text: string): number {
  const count = Number(text);
  if (/^[1-9]\d*$/.test(text) && count <= SAMPLES_MAX_COUNT) return count;
  throw new InvalidArgumentError(`A number from 1 to ${SAMPLES_MAX_COUNT}.`);
}

export function durationOf(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null && ms > 0) return ms;
  throw new InvalidArgumentError('A duration has a unit: 60s, 10m, 1h.');
}

export function everyMsOf(text: string): number {
  const [, count = '', unit] = /^([1-9]\d{0,3})\/(s|min)$/.exec(text) ?? [];
  if (unit === undefined)
    throw new InvalidArgumentError('A rate is a number in a second or a minute: 5/s, 30/min.');
  return (unit === 's' ? 1000 : 60_000) / Number(count);
}

export function seedOf(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A seed is a number of at most nine digits.');
}
