import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Test } from 'tap';
import { tempFolder } from './temp-folder.js';

export interface Opened {
  /** The page once its scripts have run, as HTML. */
  readonly dom: string;
  /** What the page and the browser said in its console. */
  readonly console: readonly string[];
}

const WITHIN_MS = 60_000;
/** How long the page may think of itself as running; the time of the browser goes faster than ours. */
const PAGE_TIME_MS = 10_000;

/** Opens a page in a real browser, headless chromium (from PATH or CHROMIUM). */
export async function openPage(t: Test, url: string): Promise<Opened> {
  const program = process.env['CHROMIUM'] ?? 'chromium';
  const { stdout, stderr } = await promisify(execFile)(
    program,
    [
      '--headless',
      // The tests may run as root, in a container.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--enable-logging=stderr',
      `--user-data-dir=${tempFolder(t)}`,
      `--virtual-time-budget=${PAGE_TIME_MS}`,
      '--dump-dom',
      url,
    ],
    { maxBuffer: 64 * 1024 * 1024, timeout: WITHIN_MS, killSignal: 'SIGKILL' },
  );
  const said = [...stderr.matchAll(/:CONSOLE[:(]\d+\)?\] (.*)$/gm)].map(([, text = '']) => text);
  return { dom: stdout, console: said };
}
