import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import t from 'tap';

const FIRST_PAINT_MAX_BYTES = 60 * 1024;
const WEB = new URL('../../dist/web/', import.meta.url);

t.test('what the dashboard page names weighs at most 60 KB gzipped, without the charts', async (t) => {
  const page = readFileSync(new URL('index.html', WEB), 'utf8');
  const named = [...page.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(([, path = '']) => path);
  t.ok(named.some((path) => path.endsWith('.js')));
  t.notOk(named.some((path) => path.includes('echart')));
  const bytes = ['index.html', ...named].map((path) => gzipSync(readFileSync(new URL(path, WEB))).length);
  const sum = bytes.reduce((a, b) => a + b, 0);
  t.ok(sum <= FIRST_PAINT_MAX_BYTES, `${sum} bytes`);
});
