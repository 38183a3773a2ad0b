import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { prepareRealDemo } from '../../demo/real/prepare-real-demo.js';
import { tempFolder } from '../helpers/temp-folder.js';

t.test(
  'an empty folder gets the files; a second time nothing is touched; a changed one is put right',
  async (t) => {
    const dataDir = join(tempFolder(t), 'data');
    const lines: string[] = [];
    const prepare = () => prepareRealDemo({ dataDir, progress: (line) => lines.push(line) });
    await prepare();
    t.same(readdirSync(dataDir).sort(), ['airports.csv', 'birdstrikes.csv']);
    t.equal(lines.length, 2);

    const marks = () => readdirSync(dataDir).map((name) => statSync(join(dataDir, name)).ino);
    const before = marks();
    await prepare();
    t.same(marks(), before);
    t.equal(lines.length, 2);

    writeFileSync(join(dataDir, 'airports.csv'), 'broken');
    await prepare();
    t.match(lines[2], /airports\.csv/);
    t.equal(lines.length, 3);
    t.ok(statSync(join(dataDir, 'airports.csv')).size > 100_000);
  },
);

t.test('vega-datasets is not installed, then the error says what to do', async (t) => {
  const dataDir = tempFolder(t);
  const datasetsFolder = join(tempFolder(t), 'missing');
  await t.rejects(
    prepareRealDemo({ dataDir, datasetsFolder, progress: () => {} }),
    /vega-datasets.*npm install/,
  );
  t.same(readdirSync(dataDir), []);
});
