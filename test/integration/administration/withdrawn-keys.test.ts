import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ManualClock } from '../../helpers/manual-clock.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { listeningApp } from '../support/listening-app.js';
import { liveReader } from '../support/live-reader.js';
import { shopFolder } from '../support/shop.js';

const record = (key: string, { tenant = 1, role = 'reader' } = {}) =>
  `  - { name: ${key}, sha256: ${createHash('sha256').update(key).digest('hex')}, tenants: [${tenant}], roles: [${role}] }`;

t.test(
  'a key that is withdrawn, moved or robbed of its role ends its live streams with a heartbeat',
  async (t) => {
    const file = join(tempFolder(t), 'keys.yaml');
    const write = (...records: readonly string[]) =>
      writeFileSync(file, ['keys:', ...records, ''].join('\n'));
    const names = ['kept', 'withdrawn', 'moved', 'demoted'];
    write(...names.map((name) => record(name)));
    const clock = new ManualClock();
    const environment = { API_KEYS_FILE: file };
    const { app, url, get } = await listeningApp(t, { folder: await shopFolder(t), environment, clock });
    const opened = await Promise.all(
      names.map((name) =>
        liveReader(t, `${url}/dashboards/shop/live?site_id=1`, { headers: { 'x-api-key': name } }),
      ),
    );
    for (const reader of opened) await reader.has(t, 1, ['panel', 'metrics']);

    write(record('kept'), record('moved', { tenant: 2 }), record('demoted', { role: 'scraper' }));
    app.credentials?.reload();
    const [kept, withdrawn, moved, demoted] = opened;
    for (let second = 0; second < 15; second++) clock.advance(1000);
    await withdrawn?.has(t, 1, ['end']);
    await moved?.has(t, 1, ['end']);
    await demoted?.has(t, 1, ['end']);
    t.same(
      [withdrawn, moved, demoted].map((reader) => reader?.of('end')[0]?.data.reason),
      ['expired', 'forbidden', 'forbidden'],
    );
    t.same(kept?.of('end'), []);
    t.equal(kept?.isOver, false);
    const again = (key: string) => get('/dashboards/shop/live?site_id=1', { headers: { 'x-api-key': key } });
    t.equal((await again('withdrawn')).status, 401);
    t.equal((await again('moved')).status, 403);
    t.equal((await again('demoted')).status, 403);
  },
);
