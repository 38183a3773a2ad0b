/** What one test file said. */
export interface FileResult {
  readonly file: string;
  readonly passedCount: number;
  readonly failedCount: number;
  readonly durationMs: number | null;
  /** Everything it wrote. */
  readonly output: string;
}

interface Reading {
  lines: string[];
  passedCount: number;
  failedCount: number;
}

const TEST = /^ {4}(not )?ok \d+(?: - .*?)?(?: # (SKIP|TODO|time=).*)?$/;
const FILE = /^(not )?ok \d+ - (\S+)(?: # time=([\d.]+)ms)?/;

/**
 * Reads the output of tap, line by line: a file is an outermost test, its tests are one level deeper. A test that is
 * skipped or left to do counts as failed, since it shows nothing; so does a file that failed without saying where.
 */
export class TapResults {
  passedCount = 0;
  failedCount = 0;
  readonly #onFile: (result: FileResult) => void;
  #reading: Reading = nothingRead();

  constructor(onFile: (result: FileResult) => void) {
    this.#onFile = onFile;
  }

  line(text: string): void {
    this.#reading.lines.push(text);
    const test = TEST.exec(text);
    if (test) {
      if (test[1] !== undefined || test[2] === 'SKIP' || test[2] === 'TODO') this.#reading.failedCount++;
      else this.#reading.passedCount++;
      return;
    }
    const file = FILE.exec(text);
    if (file) this.#endFile(file[2] ?? '', file[1] !== undefined, file[3]);
  }

  #endFile(file: string, failed: boolean, durationText: string | undefined): void {
    const { lines, passedCount, failedCount } = this.#reading;
    const result: FileResult = {
      file,
      passedCount,
      failedCount: failed && failedCount === 0 ? 1 : failedCount,
      durationMs: durationText === undefined ? null : Number(durationText),
      output: lines.join('\n'),
    };
    this.passedCount += result.passedCount;
    this.failedCount += result.failedCount;
    this.#reading = nothingRead();
    this.#onFile(result);
  }
}

function nothingRead(): Reading {
  return { lines: [], passedCount: 0, failedCount: 0 };
}
