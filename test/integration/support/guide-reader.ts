import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { freePort } from '../../helpers/free-port.js';
import type { Lifetime } from '../../helpers/lifetime.js';
import { childEnvironment, type Service } from '../../helpers/start-service.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { builtCommand, builtService } from './built-service.js';
import { type GuideBlock, isShown, typedAndShown } from './guide-blocks.js';
import { until } from './until.js';

const COMMAND_WITHIN_MS = 60_000;
/** The code of PostgreSQL for what a role has no right to. */
const FORBIDDEN = '42501';

export interface GuideReaderOptions {
  /** What addresses of the page mean here, e.g. `127.0.0.1:5432`. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Where the statements of the page go, as a role. */
  readonly databaseOf: (role: string) => string;
}

/**
 * Somebody who does what a page says, block by block, and gives up where it is not as the page says. SQL begins with `-- as ROLE` or
 * `-- as ROLE: refused`, a file with `# path`.
 */
export class GuideReader {
  readonly folder: string;
  service: Service | null = null;
  readonly #options: GuideReaderOptions;
  readonly #life: Lifetime;
  readonly #port: number;
  readonly #exported: string[] = [];

  static async begin(life: Lifetime, options: GuideReaderOptions): Promise<GuideReader> {
    return new GuideReader(life, options, await freePort());
  }

  private constructor(life: Lifetime, options: GuideReaderOptions, port: number) {
    this.#options = options;
    this.#life = life;
    this.#port = port;
    this.folder = tempFolder(life);
    const npx = join(this.folder, 'bin', 'npx');
    mkdirSync(dirname(npx));
    writeFileSync(npx, `#!/bin/sh\n[ "$1" = dashcache ] && shift && exec ${builtCommand().join(' ')} "$@"\n`);
    chmodSync(npx, 0o755);
  }

  /** `isAwaited`: what a console shows may take a moment to come true. Rejects where the page is wrong. */
  async follow(block: GuideBlock, { isAwaited = false }: { isAwaited?: boolean } = {}): Promise<void> {
    const text = this.#here(block.text);
    if (block.language === 'sql') return this.#execute(text);
    if (block.language === 'yaml' || block.language === 'python') return this.#write(text);
    if (block.language === 'console') return this.#compare({ ...block, text }, isAwaited);
    if (block.language !== 'sh') throw new Error(`Nobody knows what to do with a block of ${block.language}`);
    const [, words] = /^npx dashcache serve(.*)\n$/.exec(text) ?? [];
    if (words !== undefined) return this.#serve(words.split(' ').filter(Boolean));
    const { code, output } = await this.run(text);
    if (code !== 0) throw new Error(`It ended with ${code}: ${text}\n${output}`);
    this.#exported.push(...text.split('\n').filter((line) => line.startsWith('export ')));
  }

  /** Runs lines of a shell with all that the page has exported so far. */
  run(lines: string): Promise<{ readonly code: number; readonly output: string }> {
    const script = `set -e -o pipefail\n${[...this.#exported, lines].join('\n')}`;
    const env = this.#environment();
    return new Promise((resolve) => {
      const options = { cwd: this.folder, env, timeout: COMMAND_WITHIN_MS };
      execFile('bash', ['-c', `exec 2>&1\n${script}`], options, (error, output) =>
        resolve({ code: error ? Number(error.code ?? 1) : 0, output }),
      );
    });
  }

  async #execute(text: string): Promise<void> {
    const [, role, refused] = /^-- as (\w+)(: refused)?\n/.exec(text) ?? [];
    if (role === undefined) throw new Error(`It does not say as whom: ${text}`);
    const client = new pg.Client({ connectionString: this.#options.databaseOf(role) });
    await client.connect();
    try {
      if (refused === undefined) await client.query(text);
      else
        for (const statement of text.split(';\n').filter((part) => part.trim() !== '')) {
          const code = await client.query(statement).then(
            () => 'nothing',
            (error: pg.DatabaseError) => error.code,
          );
          if (code !== FORBIDDEN) throw new Error(`It met ${code} and should be refused: ${statement}`);
        }
    } finally {
      await client.end();
    }
  }

  async #write(text: string): Promise<void> {
    const [, path] = /^# ([\w./-]+)/.exec(text) ?? [];
    if (path === undefined) throw new Error(`It names no file: ${text}`);
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  async #serve(words: readonly string[]): Promise<void> {
    const { output } = await this.run('env -0');
    const environment = Object.fromEntries(
      output.split('\0').flatMap((line) => {
        const [, name, value] = /^(\w+)=([\s\S]*)$/.exec(line) ?? [];
        return name === undefined || value === undefined ? [] : [[name, value] as const];
      }),
    );
    await this.service?.stop();
    const service = await builtService({ environment, words, folder: this.folder });
    this.#life.teardown(() => service.stop());
    this.service = service;
  }

  async #compare(block: GuideBlock, isAwaited: boolean): Promise<void> {
    for (const { typed, shown } of typedAndShown(block)) {
      let seen = '';
      const isThere = async () => {
        seen = (await this.run(typed)).output;
        return isShown(shown, seen);
      };
      if (!(isAwaited ? await until(isThere) : await isThere()))
        throw new Error(`It shows not what the page says: ${typed}\n${seen}`);
    }
  }

  #here(text: string): string {
    const addresses = { ...this.#options.addresses, '127.0.0.1:8000': `127.0.0.1:${this.#port}` };
    return Object.entries(addresses).reduce((changed, [from, to]) => changed.replaceAll(from, to), text);
  }

  #environment(): Record<string, string> {
    const present = childEnvironment();
    return { ...present, PATH: `${join(this.folder, 'bin')}:${present['PATH']}`, PORT: String(this.#port) };
  }
}
