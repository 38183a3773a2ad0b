/** The last row of a table that was committed, and when that was acknowledged (hostNowMs). */
export interface Commit {
  readonly panel: number;
  readonly lastRow: number;
  readonly atMs: number;
}

/** What was committed when: says of each answer how long ago the first write was that it lacks. */
export class Commits {
  /** By panel, in order. */
  readonly #byPanel: readonly Commit[][];

  constructor(panelsCount: number) {
    this.#byPanel = Array.from({ length: panelsCount }, () => []);
  }

  note(commit: Commit): void {
    this.#byPanel[commit.panel]?.push(commit);
  }

  lastRowOf(panel: number): number {
    return this.#byPanel[panel]?.at(-1)?.lastRow ?? 0;
  }

  /** For a request that was sent at that moment; 0 when its answer lacks nothing. */
  lackedForMs({ panel, lastRow, sentAtMs }: { panel: number; lastRow: number; sentAtMs: number }): number {
    const commits = this.#byPanel[panel] ?? [];
    let first = 0;
    for (let beyond = commits.length; first < beyond; ) {
      const middle = Math.floor((first + beyond) / 2);
      if ((commits[middle]?.lastRow ?? 0) > lastRow) beyond = middle;
      else first = middle + 1;
    }
    return Math.max(0, sentAtMs - (commits[first]?.atMs ?? sentAtMs));
  }
}
