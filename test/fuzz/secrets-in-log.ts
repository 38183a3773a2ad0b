import { CANARIES } from './fuzz-world.js';

/** Secrets that a log may hold no more than an answer may; what databases say of a query may stand there. */
const NEVER_LOGGED = [CANARIES.password, CANARIES.adminToken, CANARIES.otherTenant];

/** The lines of a log that hold one. */
export function canariesIn(lines: readonly string[]): string[] {
  return lines.filter((line) => NEVER_LOGGED.some((canary) => line.includes(canary)));
}
