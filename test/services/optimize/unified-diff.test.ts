import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { applyEdits, type Edit } from '../../../services/optimize/edit.js';
import { unifiedDiff } from '../../../services/optimize/unified-diff.js';

t.test('an edit is shown with three lines before and after it', async (t) => {
  const text = 'a\nb\nc\nd\nif x.count() > 0:\ne\nf\ng\nh\n';
  const edits = [{ startOffset: 13, endOffset: 24, text: 'exists()' }];
  t.equal(
    unifiedDiff('shop/a.py', text, edits),
    `--- a/shop/a.py
+++ b/shop/a.py
@@ -2,7 +2,7 @@
 b
 c
 d
-if x.count() > 0:
+if x.exists():
 e
 f
 g
`,
  );
  t.equal(unifiedDiff('a.py', text, []), '');
});

t.test('a line that is put in after another leaves that one', async (t) => {
  const diff = unifiedDiff('a.ts', 'where,\n})\n', [{ startOffset: 5, endOffset: 5, text: ',\ntake: 1' }]);
  t.equal(diff, '--- a/a.ts\n+++ b/a.ts\n@@ -1,2 +1,3 @@\n where,\n+take: 1,\n })\n');
});

t.test('an absolute name stays as it is', async (t) => {
  t.match(
    unifiedDiff('/shop/a.py', 'a', [{ startOffset: 0, endOffset: 1, text: 'b' }]),
    /^--- \/shop\/a\.py\n/,
  );
});

/** Some edits of a text, none of which touch. */
const EDITED = fc
  .tuple(
    fc.array(fc.constantFrom('a', 'b', ' ', 'é', '😀', '\n', '\n', '\r\n'), { minLength: 1, maxLength: 120 }),
    fc.array(
      fc.tuple(fc.nat(200), fc.nat(12), fc.constantFrom('', 'x', 'x\ny', '\n', 'longer than it was')),
      { minLength: 1, maxLength: 6 },
    ),
  )
  .map(([characters, wishes]) => {
    const text = characters.join('');
    const edits: Edit[] = [];
    for (const [from, length, put] of wishes.toSorted(([a], [b]) => a - b)) {
      const startOffset = Math.max(from % text.length, (edits.at(-1)?.endOffset ?? -1) + 1);
      if (startOffset >= text.length) continue;
      edits.push({ startOffset, endOffset: Math.min(text.length, startOffset + length), text: put });
    }
    return { text, edits: edits.toSorted((a, b) => a.startOffset - b.startOffset) };
  })
  .filter(
    ({ text, edits }) =>
      !/[\uD800-\uDFFF]/.test(text) && applyEdits(text, edits) !== '' && applyEdits(text, edits) !== text,
  );

t.test('git makes of any text what the edits make of it', async (t) => {
  const folder = t.testdir();
  const path = join(folder, 'a.txt');
  fc.assert(
    fc.property(EDITED, ({ text, edits }) => {
      writeFileSync(path, text);
      execFileSync('git', ['apply', '--whitespace=nowarn', '-'], {
        cwd: folder,
        input: unifiedDiff('a.txt', text, edits),
        // The folder of the tests is inside of a repository, whose rules for paths are not meant.
        env: { ...process.env, GIT_DIR: join(folder, 'none'), GIT_CEILING_DIRECTORIES: folder },
        stdio: ['pipe', 'ignore', 'pipe'],
      });
      return readFileSync(path, 'utf8') === applyEdits(text, edits);
    }),
    { numRuns: 60 },
  );
});
