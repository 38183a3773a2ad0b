import t from 'tap';
import { PROBLEM_TYPE } from '../../services/http/problem.js';
import { loggedApp } from './support/logged-app.js';
import { rawRequest } from './support/raw-request.js';
import { shopFolder } from './support/shop.js';

const UP = ['..', '%2e%2e', '.%2e', '..%00', '%252e%252e', '..;', '%c0%ae%c0%ae', '....', '\\..', '..%5c'];
const SLASH = ['/', '%2f', '%5c', '//', '%252f', '\\'];
const FILE = ['etc/passwd', 'dashcache.yaml', 'package.json'];
const ROOTS = ['/', '/dashboards/', '/documentation/', '/documentation/static/', '/dashboards/shop/charts/'];

function paths(): string[] {
  const found: string[] = [];
  for (const root of ROOTS)
    for (const up of UP)
      for (const slash of SLASH)
        found.push(`${root}${`${up}${slash}`.repeat(6)}${FILE[found.length % FILE.length]}`);
  return found;
}

/** What stands in those files. */
const OF_A_FILE = /root:|sources:|"dependencies"/;

t.test('300 ways out of the root: nothing is read, and each is one line of the log', async (t) => {
  const app = await loggedApp(t, { folder: await shopFolder(t) });
  const tried = paths();
  t.equal(tried.length, 300);
  const wrong: string[] = [];
  for (const path of tried) {
    const answer = await rawRequest(app.url, [`GET ${path} HTTP/1.1`, 'Host: a']);
    const isRefused = [400, 403, 404, 414].includes(answer.status) && answer.mediaType === PROBLEM_TYPE;
    if (!isRefused || OF_A_FILE.test(answer.body)) wrong.push(`${path}: ${answer.status} ${answer.body}`);
  }
  t.same(wrong, []);
  const answered = app
    .logText()
    .split('\n')
    .filter((line) => /"msg":"request (?:completed|refused)/.test(line));
  const ids = new Set(answered.map((line) => JSON.parse(line).reqId));
  t.equal(ids.size, 300, 'every request is in the log');
  const served = await rawRequest(app.url, ['GET /documentation/static/index.html HTTP/1.1', 'Host: a']);
  t.comment(`a file that is served: ${served.status}`);
});
