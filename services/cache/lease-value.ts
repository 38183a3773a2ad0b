import { randomBytes } from 'node:crypto';
import { digestOf, type Stamp } from './stamp.js';

/** A holder that is killed costs the others this long at most. */
export const LEASE_MS = 2000;

const TOKEN_BYTES = 12;
const TOKEN_LENGTH = 16;

/** What the lease's key holds: a random token, by which the holder knows it again, and the generations that its load runs under. */
export function newLeaseValue(stamp: Stamp): string {
  return randomBytes(TOKEN_BYTES).toString('base64url') + digestOf(stamp);
}

/** The digest of the stamp that the holder loads under: who has the same may wait for that load. */
export function digestOfLease(value: string): string {
  return value.slice(TOKEN_LENGTH);
}
