import t from 'tap';
import { type FileResult, TapResults } from '../../scripts/tap-results.js';

function read(text: string): { results: TapResults; files: FileResult[] } {
  const files: FileResult[] = [];
  const results = new TapResults((file) => files.push(file));
  for (const line of text.split('\n')) results.line(line);
  return { results, files };
}

const PASSING = `TAP version 14
1..2
# Subtest: test/a.test.ts
    # Subtest: the first
        ok 1 - should be equal
        not ok 2 - an inner line that is expected # TODO
        1..2
    ok 1 - the first # time=5.766ms
    
    ok 2 - bare
    ok 3
    1..3
    # time=31.517ms
ok 1 - test/a.test.ts # time=31.517ms`;

t.test('each test of a file counts once, whatever number of assertions it holds', (t) => {
  const { results, files } = read(PASSING);
  t.match(results, { passedCount: 3, failedCount: 0 });
  t.match(files, [{ file: 'test/a.test.ts', passedCount: 3, failedCount: 0, durationMs: 31.517 }]);
  t.end();
});

t.test('a failed test counts as failed, and the output of its file is kept', (t) => {
  const { results, files } = read(`${PASSING}
# Subtest: test/b.test.ts
    # Subtest: breaks
        not ok 1 - should be equal
          ---
          diff: |
            ok 7 - not a test
          ...
        1..1
    not ok 1 - breaks # time=3ms
not ok 2 - test/b.test.ts # time=9ms`);
  t.match(results, { passedCount: 3, failedCount: 1 });
  t.match(files[1], { file: 'test/b.test.ts', passedCount: 0, failedCount: 1, output: /should be equal/ });
  t.notMatch(files[1]?.output, /test\/a\.test/);
  t.end();
});

t.test('a test that is skipped or left to do counts as failed', (t) => {
  const { results } = read(`    ok 1 - one # SKIP no server
    ok 2 - two # TODO
    ok 3 - three # time=1ms
ok 1 - test/c.test.ts # time=9ms`);
  t.match(results, { passedCount: 1, failedCount: 2 });
  t.end();
});

t.test('a file that fails without saying where counts as one failure', (t) => {
  const { results } = read('    ok 1 - one\nnot ok 1 - test/d.test.ts # time=9ms');
  t.match(results, { passedCount: 1, failedCount: 1 });
  t.end();
});
