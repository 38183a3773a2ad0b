import t from 'tap';
import { Switches } from '../../../services/cache/switches.js';

const off = (number: number, id = 'x') => ({ isOff: true, number, id });
const on = (number: number, id = 'x') => ({ isOff: false, number, id });

t.test('given nothing known, nothing is off', async (t) => {
  const switches = new Switches();
  t.equal(switches.isAnyOff(['a']), false);
  t.equal(switches.numberOf('a'), 0);
  t.same([...switches.all()], []);
});

t.test('given states, the higher number wins, whatever the order in which they come', async (t) => {
  for (const states of [
    [off(1), on(2)],
    [on(2), off(1)],
  ]) {
    const switches = new Switches();
    for (const state of states) switches.learn('a', state);
    t.equal(switches.isAnyOff(['a']), false);
    t.equal(switches.numberOf('a'), 2);
  }
});

t.test('given two states with one number, off wins, whatever the order', async (t) => {
  for (const states of [
    [off(3, 'x'), on(3, 'y')],
    [on(3, 'y'), off(3, 'x')],
  ]) {
    const switches = new Switches();
    for (const state of states) switches.learn('a', state);
    t.equal(switches.isAnyOff(['b', 'a']), true);
    t.equal(switches.isAnyOff(['b']), false);
  }
});

t.test('given what it learns, it says whether the tag stands otherwise', async (t) => {
  const switches = new Switches();
  t.equal(switches.learn('a', on(1)), false, 'on is how everything begins');
  t.equal(switches.learn('a', off(2)), true);
  t.equal(switches.learn('a', off(3)), false);
  t.equal(switches.learn('a', on(2)), false);
  t.equal(switches.moveHere({ tag: 'a', enabled: true, id: 'y' }), true);
  t.same([...switches.all()], [['a', false]]);
});

t.test('given what others know, it names what is lost or older there', async (t) => {
  const switches = new Switches();
  for (const [tag, state] of [
    ['lost', off(1)],
    ['older', on(3)],
    ['same', off(2)],
    ['newer', off(2)],
    ['tie', off(4)],
    ['tie the other way', on(4)],
  ] as const)
    switches.learn(tag, state);
  const others = new Map([
    ['older', off(2)],
    ['same', off(2, 'y')],
    ['newer', on(3)],
    ['tie', on(4)],
    ['tie the other way', off(4)],
  ]);
  t.same(switches.missingIn(others), [
    ['lost', off(1)],
    ['older', on(3)],
    ['tie', off(4)],
  ]);
});
