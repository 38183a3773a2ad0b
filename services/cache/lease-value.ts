import { randomBytes } from 'node:crypto';
import { digestOf, type Stamp } from './stamp.js';

/** A holder that is killed costs the others this long at most. */
export const LEASE_MS = 2000;

const TOKEN_BYTES = 12;
/** Random bytes cost more by the call than by the byte. */
const POOL_BYTES = 512 * TOKEN_BYTES;
const TOKEN_LENGTH = 16;

let pool = Buffer.alloc(0);
let usedBytes = 0;

function newToken(): string {
  if (usedBytes === pool.length) {
    pool = randomBytes(POOL_BYTES);
    usedBytes = 0;
  }
  usedBytes += TOKEN_BYTES;
  return pool.toString('base64url', usedBytes - TOKEN_BYTES, usedBytes);
}

/** What the lease's key holds: a random token, by which the holder knows it again, and the generations that its load runs under. */
export function newLeaseValue(stamp: Stamp): string {
  return newToken() + digestOf(stamp);
}

/** The digest of the stamp that the holder loads under: who has the same may wait for that load. */
export function digestOfLease(value: string): string {
  return value.slice(TOKEN_LENGTH);
}
