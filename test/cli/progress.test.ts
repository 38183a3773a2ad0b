import t from 'tap';
import { Progress } from '../../cli/progress.js';
import { FakeTerminal } from '../helpers/fake-terminal.js';

function tellAll(terminal: FakeTerminal, total: number): void {
  const progress = new Progress(terminal);
  for (let done = 0; done <= total; done++) progress.tell(`${done}/${total}`, { done, total });
  progress.end();
}

t.test('a person sees one line that changes and is taken away at the end', async (t) => {
  const terminal = new FakeTerminal({ errWatched: true });
  tellAll(terminal, 3);
  t.same(terminal.overwritten, ['0/3', '1/3', '2/3', '3/3', '']);
  t.same(terminal.errLines, []);
});

t.test('a log gets a line for every tenth, and always the last', async (t) => {
  const terminal = new FakeTerminal();
  tellAll(terminal, 205);
  t.equal(terminal.errLines.length, 10);
  t.equal(terminal.errLines[0], '21/205');
  t.equal(terminal.errLines.at(-1), '205/205');
  t.same(terminal.overwritten, []);
});

t.test('what begins after an end is told from its beginning', async (t) => {
  const terminal = new FakeTerminal();
  const progress = new Progress(terminal);
  progress.tell('first', { done: 1, total: 1 });
  progress.end();
  progress.tell('second', { done: 1, total: 5 });
  t.same(terminal.errLines, ['first', 'second']);
});
