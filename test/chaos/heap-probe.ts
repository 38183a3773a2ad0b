import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Service } from '../helpers/start-service.js';
import { until } from '../integration/support/until.js';

/** Loaded into the service before anything else: at SIGUSR2 it collects its garbage and writes down what is left. */
const PROBE = `
import { writeFileSync, renameSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
process.on('SIGUSR2', () => {
  collect();
  collect();
  const file = new URL('./heap.' + process.pid, import.meta.url);
  const { heapUsed, external } = process.memoryUsage();
  writeFileSync(new URL(file + '.new'), String(heapUsed + external));
  renameSync(new URL(file + '.new'), file);
});
`;

/** How much a service still holds once its garbage is gone, in its heap and beside it. */
export class HeapProbe {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = join(folder, 'heaps');
    mkdirSync(this.#folder);
    writeFileSync(join(this.#folder, 'probe.mjs'), PROBE);
  }

  get environment(): Readonly<Record<string, string>> {
    return { NODE_OPTIONS: `--import=${pathToFileURL(join(this.#folder, 'probe.mjs')).href}` };
  }

  async bytesOf(service: Service): Promise<number> {
    const file = join(this.#folder, `heap.${service.pid}`);
    rmSync(file, { force: true });
    service.signal('SIGUSR2');
    if (!(await until(() => existsSync(file)))) throw new Error('The service did not tell what it holds');
    return Number(readFileSync(file, 'utf8'));
  }
}
