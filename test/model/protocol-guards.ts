import type { Accidents } from './protocol-state.js';

/** What the protocol must not be without; each with the accidents, and how many processes, under which it is missed. */
export const GUARDS = {
  stampBeforeQuery: {
    says: 'generations are read before the query',
    processesCount: 1,
    accidents: { purge: 1 },
  },
  compareAtRead: {
    says: 'a value of Redis is compared with the proof',
    processesCount: 1,
    accidents: { purge: 1 },
  },
  trustRunsOut: { says: 'trust in memory runs out', processesCount: 1, accidents: { purge: 1 } },
  purgeWaits: {
    says: 'a purge waits for all members or for their trust',
    processesCount: 1,
    accidents: { purge: 1 },
  },
  trustFromSending: {
    says: 'trust counts from the sending of a look',
    processesCount: 1,
    accidents: { purge: 1 },
  },
  confirmWhatIsApplied: {
    says: 'a look confirms the position it brings',
    processesCount: 1,
    accidents: { purge: 1 },
  },
  oneLookAtATime: { says: 'one look at a time', processesCount: 1, accidents: { purge: 1 } },
  joinCompares: {
    says: 'a reader joins only a load of current generations',
    processesCount: 1,
    accidents: { purge: 1 },
  },
  fillComparesToken: {
    says: 'a fill needs its lease',
    processesCount: 1,
    accidents: { silentWrite: 1, runOut: 2 },
  },
  oneScriptToLease: {
    says: 'a value is looked for and leased in one step',
    processesCount: 2,
    accidents: {},
  },
  missingIsNoMatch: {
    says: 'a missing generation matches nothing',
    processesCount: 1,
    accidents: { purge: 1, evict: 1 },
  },
  gapForgets: {
    says: 'what the log no longer tells makes all unknown',
    processesCount: 1,
    accidents: { purge: 1, evict: 1 },
  },
  deletedLogIsLoss: {
    says: 'a deleted log makes a new root',
    processesCount: 1,
    accidents: { purge: 1, evict: 1 },
  },
  foreignIsLoss: {
    says: 'data of another run of the server makes a new root',
    processesCount: 1,
    accidents: { purge: 1, lose: 1 },
  },
  youngRootWaits: {
    says: 'members of a young root are not taken for all',
    processesCount: 1,
    accidents: { purge: 1, lose: 1 },
  },
  removalIsNews: {
    says: 'a list from which somebody was removed is not taken for whole',
    processesCount: 1,
    accidents: { purge: 1, jump: 1 },
  },
  takeOverLooksFirst: {
    says: 'whoever takes a lease over has looked since he met it',
    processesCount: 2,
    accidents: { purge: 1 },
  },
  takeOverOnlyBehind: {
    says: 'a lease is taken over only from whose generations are behind',
    processesCount: 2,
    accidents: { purge: 1 },
  },
  takeOverIsExact: {
    says: 'only the very lease that was met is taken over',
    processesCount: 2,
    accidents: { purge: 1 },
  },
  endComparesToken: {
    says: 'a load that fails frees only its own lease',
    processesCount: 2,
    accidents: { runOut: 1, fail: 1 },
  },
} as const satisfies Record<string, { says: string; processesCount: 1 | 2; accidents: Partial<Accidents> }>;

export type Guard = keyof typeof GUARDS;

/** Whether a guard is in place. */
export type Has = (guard: Guard) => boolean;

/** W, in ticks. */
export const TRUST_TICKS = 1;
