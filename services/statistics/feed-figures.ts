/** What is told of the change feed of one source. */
export interface FeedFigures {
  readonly source: string;
  readonly isOk: boolean;
  /** Tables told of, once in each window. */
  readonly changesCount: number;
  readonly gapsCount: number;
  /** Age of the instant up to which every change has been told; Infinity before the first heartbeat. */
  readonly incompleteForMs: number;
}
