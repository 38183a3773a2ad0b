import t from 'tap';
import { tableLines } from '../../cli/table-lines.js';

t.test(
  'columns stand under their titles, figures by their last digit, and no line ends in spaces',
  async (t) => {
    const columns = [{ title: 'panel' }, { title: 'reads', align: 'right' as const }, { title: 'note' }];
    t.same(
      tableLines(columns, [
        ['metrics', '7', ''],
        ['charts/tasks', '12,345', 'x'],
      ]),
      ['panel          reads  note', 'metrics            7', 'charts/tasks  12,345  x'],
    );
  },
);

t.test('colours take no room', async (t) => {
  const green = '\u001b[32mfresh\u001b[39m';
  const [, row] = tableLines([{ title: 'state' }, { title: 'age' }], [[green, '12 s']]);
  t.equal(row, `${green}  12 s`);
});

t.test('without rows only the titles are left', async (t) => {
  t.same(tableLines([{ title: 'a' }], []), ['a']);
});
