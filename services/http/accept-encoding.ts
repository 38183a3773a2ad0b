import { LRUCache } from 'lru-cache';
import type { Coding } from '../cache/body.js';

/** Our order where the reader has none: br is smallest. */
const OFFERED: readonly Exclude<Coding, 'identity'>[] = ['br', 'gzip'];
const KEPT_MAX_LENGTH = 200;
const WEIGHT = /^\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*$/i;

/**
 * The coding to answer in (RFC 9110 section 12.5.3). `isCoded`: whether codings are offered for this body at all; a small one
 * is coded only for a reader who refuses it plain. Identity when all is refused: what can be read anyway helps more than a 406.
 */
export function negotiateCoding(acceptEncoding: string | undefined, isCoded: boolean): Coding {
  if (acceptEncoding === undefined || acceptEncoding === '') return 'identity';
  const weights = weightsOf(acceptEncoding);
  const any = weights.get('*');
  // Undefined: not named, and so acceptable, but less wanted than any coding that is named.
  const identity = weights.get('identity') ?? any;
  if (!isCoded && identity !== 0) return 'identity';
  let best: { coding: Coding; weight: number } = { coding: 'identity', weight: 0 };
  for (const coding of OFFERED) {
    const weight = weights.get(coding) ?? any ?? 0;
    if (weight > best.weight) best = { coding, weight };
  }
  return (identity ?? 0) > best.weight ? 'identity' : best.coding;
}

/** Each kind of client sends its own, and always the same. */
const parsed = new LRUCache<string, ReadonlyMap<string, number>>({ max: 100 });

function weightsOf(acceptEncoding: string): ReadonlyMap<string, number> {
  const known = parsed.get(acceptEncoding);
  if (known) return known;
  const weights = parseWeights(acceptEncoding);
  if (acceptEncoding.length <= KEPT_MAX_LENGTH) parsed.set(acceptEncoding, weights);
  return weights;
}

function parseWeights(acceptEncoding: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const element of acceptEncoding.toLowerCase().split(',')) {
    const [name = '', ...parameters] = element.split(';');
    const coding = name.trim() === 'x-gzip' ? 'gzip' : name.trim();
    if (coding !== '') weights.set(coding, weightOf(parameters));
  }
  return weights;
}

/** A weight that cannot be read counts as a refusal: to leave bytes uncoded is never wrong. */
function weightOf(parameters: readonly string[]): number {
  const [weight] = parameters;
  if (weight === undefined) return 1;
  const match = WEIGHT.exec(weight);
  return match ? Number(match[1]) : 0;
}
