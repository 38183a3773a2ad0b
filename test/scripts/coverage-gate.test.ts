import t from 'tap';
import { belowBound, coverageOf, neverLoaded } from '../../scripts/coverage-gate.js';

const file = (path: string, lines: [number, number], branches: [number, number]) => ({
  path,
  lines: { covered: lines[0], total: lines[1] },
  branches: { covered: branches[0], total: branches[1] },
});

t.test('a folder is the sum of the files below it, and of no others', (t) => {
  const files = [
    file('services/a.ts', [90, 100], [9, 10]),
    file('services/cache/b.ts', [100, 100], [10, 10]),
    file('servicesish/c.ts', [0, 100], [0, 10]),
  ];
  t.same(coverageOf('services', files), { folder: 'services', linesPercent: 95, branchesPercent: 95 });
  t.end();
});

t.test('just below a bound is below, exactly on it is not', (t) => {
  const gate = (lines: number, branches: number) =>
    belowBound(coverageOf('services', [file('services/a.ts', [lines, 10_000], [branches, 10_000])]));
  t.notOk(gate(9500, 9000));
  t.ok(gate(9499, 9000));
  t.ok(gate(9500, 8999));
  t.ok(belowBound(coverageOf('services', [])), 'nothing measured is not enough');
  t.end();
});

t.test('a file that no test loads counts with all its lines, unless it only declares types', (t) => {
  t.equal(neverLoaded('services/a.ts', 'export interface A { readonly b: string }\n// done\n'), null);
  t.match(neverLoaded('services/b.ts', 'export const b = 1;\nexport const c = 2;\n'), {
    lines: { covered: 0, total: 2 },
  });
  t.end();
});
