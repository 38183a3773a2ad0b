import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startVarnish } from '../../../test/helpers/http-proxies.js';
import { tempFolder } from '../../../test/helpers/temp-folder.js';
import { pinToCore } from '../../pin-to-core.js';
import { SERVER_CORE } from '../measure.js';
import { requestText, type Side } from '../side.js';
import type { DashcacheOptions } from './dashcache.js';
import { startProgram } from './plain.js';

/** A real Varnish on the core of servers, before a server that it asks once. */
export function varnishSide({ name, kib }: DashcacheOptions): Side {
  return {
    name,
    async start(life) {
      const file = join(tempFolder(life), 'body');
      writeFileSync(file, Buffer.alloc(kib * 1024, 'x'));
      const port = await startProgram(life, { program: 'bare-program.ts', words: ['kept'] }, [
        file,
        'identity',
      ]);
      const { url, pid } = await startVarnish(life, { upstreams: [`http://127.0.0.1:${port}`] });
      pinToCore(pid, SERVER_CORE);
      return {
        port: Number(new URL(url).port),
        requests: [requestText('/constant', 'short')],
        status: 200,
        stop: async () => {},
      };
    },
  };
}
