import { chmodSync, lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import t from 'tap';
import { type Optimization, optimizeFolder } from '../../../services/optimize/optimize-folder.js';
import { replaceFile } from '../../../services/optimize/replace-file.js';

const COUNTS = 'if Order.objects.count() > 0:\n    ship()\n';
const EXISTS = 'if Order.objects.exists():\n    ship()\n';

const optimize = (folder: string, isDry = false): Promise<Optimization> =>
  optimizeFolder({ folder, isDry, nameOf: (path) => relative(folder, path) });

t.test('without a dry run files are replaced, with their modes, and nothing stays beside them', async (t) => {
  const folder = t.testdir({ shop: { 'a.py': COUNTS, 'b.py': 'x = 1\n' } });
  chmodSync(join(folder, 'shop/a.py'), 0o750);
  const { files, failed, filesCount } = await optimize(folder);
  t.equal(readFileSync(join(folder, 'shop/a.py'), 'utf8'), EXISTS);
  t.equal(lstatSync(join(folder, 'shop/a.py')).mode & 0o777, 0o750);
  t.same(readdirSync(join(folder, 'shop')), ['a.py', 'b.py']);
  t.same(failed, []);
  t.equal(filesCount, 2);
  t.match(files, [{ path: 'shop/a.py', rewrites: [{ line: 1, column: 4, orm: 'Django' }], left: [] }]);

  const again = await optimize(folder);
  t.same(again.files, [], 'a second run finds nothing');
});

t.test('a dry run says the same and writes nothing', async (t) => {
  const folder = t.testdir({ 'a.py': COUNTS });
  const before = lstatSync(join(folder, 'a.py'));
  const { files } = await optimize(folder, true);
  t.match(files, [
    { rewrites: [{ line: 1 }], diff: /^--- a\/a\.py\n\+\+\+ b\/a\.py\n@@ -1,2 \+1,2 @@\n-if/ },
  ]);
  t.equal(readFileSync(join(folder, 'a.py'), 'utf8'), COUNTS);
  t.equal(lstatSync(join(folder, 'a.py')).ino, before.ino);
});

t.test('links are not followed, and migrations and packages are left out', async (t) => {
  const outside = t.testdir({
    theirs: { 'a.py': COUNTS },
    'one.py': COUNTS,
    ours: {
      migrations: { 'a.py': COUNTS },
      node_modules: { b: { 'a.ts': 'x' } },
      '.venv': { 'a.py': COUNTS },
      packages: { 'pyvenv.cfg': '', 'a.py': COUNTS },
      'types.d.ts': 'declare const a: number;\n',
      'a.txt': COUNTS,
    },
  });
  const folder = join(outside, 'ours');
  symlinkSync(join(outside, 'theirs'), join(folder, 'theirs'));
  symlinkSync(join(outside, 'one.py'), join(folder, 'one.py'));
  t.match(await optimize(folder), { filesCount: 0, files: [], failed: [] });
  t.equal(readFileSync(join(outside, 'one.py'), 'utf8'), COUNTS);
  t.ok(lstatSync(join(folder, 'one.py')).isSymbolicLink());
  t.match(await optimize(join(folder, 'migrations')), { filesCount: 0 }, 'not even when they are asked for');
});

t.test('a file that does not parse is told of and skipped, and the others are done', async (t) => {
  const folder = t.testdir({
    'a.py': 'def f(:\n    pass\n',
    'b.py': COUNTS,
    'c.ts': 'if (a > ) {}\n',
    'd.py': 'print "Python 2"\n',
    'e.py': Buffer.from([0x78, 0x3d, 0x22, 0xe9, 0x22, 0x0a]),
    'f.tsx': 'const a = <p>Terms & Conditions</p>;\n',
  });
  const { failed, filesCount } = await optimize(folder);
  t.same(failed, [
    { path: 'a.py', reason: 'it does not parse' },
    { path: 'c.ts', reason: 'it does not parse' },
    { path: 'd.py', reason: 'it does not parse' },
    { path: 'e.py', reason: 'it is not UTF-8' },
  ]);
  t.equal(filesCount, 2);
  t.equal(readFileSync(join(folder, 'b.py'), 'utf8'), EXISTS);
});

t.test('TypeORM is rewritten as the package.json next above asks for it', async (t) => {
  const text =
    "import { Repository } from 'typeorm';\nconst f = async (a: Repository<A>) => (await a.count()) > 0;\n";
  const manifest = (typeorm: string) => JSON.stringify({ dependencies: { typeorm } });
  const folder = t.testdir({
    old: { 'package.json': manifest('^0.3.17'), src: { 'a.ts': text } },
    new: { 'package.json': manifest('0.3.20'), src: { 'a.ts': text } },
    none: { 'a.ts': text },
  });
  const { files } = await optimize(folder, true);
  t.match(files, [
    { path: 'new/src/a.ts', rewrites: [{ orm: 'TypeORM' }] },
    { path: 'none/a.ts', rewrites: [{ orm: 'TypeORM' }] },
    { path: 'old/src/a.ts', rewrites: [], left: [{ line: 2, reason: /TypeORM \^0\.3\.17/ }] },
  ]);
});

t.test('a file that is no longer what was read is not replaced', async (t) => {
  const folder = t.testdir({ 'a.py': 'theirs' });
  const path = join(folder, 'a.py');
  const bytes = { before: Buffer.from('read'), after: Buffer.from('ours') };
  await t.rejects(replaceFile(path, bytes), { message: 'it was changed meanwhile' });
  t.equal(readFileSync(path, 'utf8'), 'theirs');
  writeFileSync(join(folder, 'real.py'), 'read');
  symlinkSync('real.py', join(folder, 'link.py'));
  await t.rejects(replaceFile(join(folder, 'link.py'), bytes), { message: 'it was changed meanwhile' });
  t.same(readdirSync(folder), ['a.py', 'link.py', 'real.py']);
});
