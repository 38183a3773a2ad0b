import colors from 'picocolors';
import type { Terminal } from '../../cli/terminal.js';

/** A terminal whose lines a test reads; without colours, and without a person at stderr, unless they are asked for. */
export class FakeTerminal implements Terminal {
  readonly outLines: string[] = [];
  readonly errLines: string[] = [];
  /** What stood on the line that is overwritten, one after the other. */
  readonly overwritten: string[] = [];
  readonly overwrite: Terminal['overwrite'];
  readonly watched = false;
  readonly colors: Terminal['colors'];

  constructor(options: { colored?: boolean; errWatched?: boolean } = {}) {
    this.overwrite = options.errWatched ? (line) => void this.overwritten.push(line) : null;
    this.colors = colors.createColors(options.colored ?? false);
  }

  out(line: string): void {
    this.outLines.push(line);
  }

  err(line: string): void {
    this.errLines.push(line);
  }

  get outText(): string {
    return this.outLines.join('\n');
  }

  get errText(): string {
    return this.errLines.join('\n');
  }
}
