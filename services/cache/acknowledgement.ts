/** How far an invalidation or a switch had come when it was answered. */
export interface Acknowledgement {
  /** A replica of Redis has it; Redis has it; or there is no Redis. */
  readonly reach: 'replicated' | 'primary' | 'memory';
  /** Live processes, this one included. */
  readonly processesCount: number;
  /** Those that are known to have applied it; after a wait the others have no trust that is older, so it holds there too. */
  readonly confirmedCount: number;
}
