import type { KeyPart } from '../cache/key.js';
import type { CachePolicy } from '../cache/policy.js';
import { formatDuration, parseDuration } from '../definitions/duration.js';

/** A number with its unit: `250ms`, `30s`, `5m`, `1h`, `2d`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

export type AnyFunction = (...args: never[]) => unknown;

interface CommonOptions<F extends AnyFunction> {
  /** Names the function in the cache: equal prefixes share results, in every process. Default: the function's name. */
  readonly keyPrefix?: string;
  /** How long beyond the ttl a result may still be given while one call renews it. Default `0s`. */
  readonly grace?: Duration;
  /** How long beyond the ttl a result may still be given while the function fails. Default `0s`. */
  readonly staleIfError?: Duration;
  /** How long a run may take; then its callers get an error. Default `30s`. */
  readonly deadline?: Duration;
  /** What tells calls apart, in place of all arguments: text, null or nested lists of them. */
  readonly key?: (...args: Parameters<F>) => KeyPart;
  /** Asked before every call: true calls the function itself, past the cache. */
  readonly unless?: (...args: Parameters<F>) => boolean;
}

/** How long results are fresh: either `ttl`, or `timeout` in seconds, its old name. */
type Freshness =
  | { readonly ttl: Duration; readonly timeout?: never }
  | { readonly ttl?: never; readonly timeout: number };

export type CacheResultOptions<F extends AnyFunction> = CommonOptions<F> & Freshness;

/** The options, checked and with their defaults. */
export interface ResultSettings<Args extends unknown[]> {
  readonly keyPrefix: string;
  readonly policy: CachePolicy;
  readonly key: ((...args: Args) => KeyPart) | null;
  readonly unless: ((...args: Args) => boolean) | null;
}

/** All options as they may come from a program without types. */
type GivenOptions = Readonly<Record<string, unknown>>;

/** All there are; docs/library.md is held against them. */
export const OPTION_NAMES = [
  'ttl',
  'timeout',
  'keyPrefix',
  'grace',
  'staleIfError',
  'deadline',
  'key',
  'unless',
] as const;
const PREFIX_MAX_LENGTH = 128;
/** The bounds of definitions. A timer beyond 24 days would fire at once. */
const LONGEST_MS = 366 * 24 * 3_600_000;
const LONGEST_DEADLINE_MS = 3_600_000;

/** Throws a TypeError that names the option and says what to write. */
export function readOptions<F extends AnyFunction>(
  fn: F,
  options: CacheResultOptions<F>,
): ResultSettings<Parameters<F>> {
  if (typeof fn !== 'function') throw new TypeError(`cacheResult caches a function, not ${String(fn)}`);
  const given: GivenOptions = Object(options);
  for (const name of Object.keys(given))
    if (!OPTION_NAMES.some((known) => known === name))
      throw new TypeError(`cacheResult has no option "${name}"; it has ${OPTION_NAMES.join(', ')}`);
  return {
    keyPrefix: readPrefix(given['keyPrefix'], fn.name),
    policy: {
      ttlMs: readTtl(given),
      // A caller cannot see that a result is stale, so none is unless it was asked for.
      graceMs: readDuration('grace', given['grace'] ?? '0s'),
      staleIfErrorMs: readDuration('staleIfError', given['staleIfError'] ?? '0s'),
      deadlineMs: readDeadline(given['deadline'] ?? '30s'),
      softDeadlineMs: null,
      unproven: 'allow',
      maxStalenessMs: null,
    },
    key: checkFunction('key', options.key) ?? null,
    unless: checkFunction('unless', options.unless) ?? null,
  };
}

function readPrefix(given: unknown, functionName: string): string {
  const prefix = given ?? functionName;
  if (prefix === '')
    throw new TypeError('A function without a name needs a "keyPrefix", which names it in the cache');
  if (typeof prefix !== 'string' || prefix.length > PREFIX_MAX_LENGTH)
    throw new TypeError(`"keyPrefix" must be text of 1 to ${PREFIX_MAX_LENGTH} characters`);
  return prefix;
}

function readTtl({ ttl, timeout }: GivenOptions): number {
  if ((ttl === undefined) === (timeout === undefined))
    throw new TypeError(
      'cacheResult needs exactly one of "ttl", a duration like \'5m\', and "timeout", its old name, in seconds',
    );
  if (ttl !== undefined) return readDuration('ttl', ttl);
  const ms = typeof timeout === 'number' ? Math.round(timeout * 1000) : Number.NaN;
  if (ms >= 0 && ms <= LONGEST_MS) return ms;
  throw new TypeError(`"timeout" must be a number of seconds from 0 to ${LONGEST_MS / 1000}`);
}

function readDeadline(given: unknown): number {
  const ms = readDuration('deadline', given, LONGEST_DEADLINE_MS);
  if (ms === 0) throw new TypeError('"deadline" must be longer than nothing: it would end every run');
  return ms;
}

function readDuration(name: string, given: unknown, longestMs = LONGEST_MS): number {
  const ms = typeof given === 'string' ? parseDuration(given) : null;
  if (ms === null)
    throw new TypeError(
      `"${name}" must be a duration with its unit, like '250ms', '30s', '5m', '1h' or '2d', not ${shown(given)}`,
    );
  if (ms > longestMs)
    throw new TypeError(`"${name}" is too long: at most ${formatDuration(longestMs)} is accepted`);
  return ms;
}

function checkFunction<T>(name: string, given: T): T {
  if (given !== undefined && typeof given !== 'function')
    throw new TypeError(`"${name}" must be a function of the arguments, not ${shown(given)}`);
  return given;
}

function shown(given: unknown): string {
  return typeof given === 'string' ? JSON.stringify(given) : String(given);
}
