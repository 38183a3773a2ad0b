import { EventEmitter } from 'node:events';
import t from 'tap';
import { type Channel, IpcCalls } from './ipc-calls.js';

/** Both ends of a channel, and how many messages went over it. */
function channel(): { ends: readonly [Channel & EventEmitter, Channel & EventEmitter]; sent: unknown[] } {
  const sent: unknown[] = [];
  const [one, two] = [new EventEmitter(), new EventEmitter()];
  const sendTo = (other: EventEmitter) => (message: unknown) => {
    sent.push(message);
    other.emit('message', message);
  };
  return {
    ends: [Object.assign(one, { send: sendTo(two) }), Object.assign(two, { send: sendTo(one) })],
    sent,
  };
}

t.test('questions of both sides are answered, those of one turn in one message', async (t) => {
  const { ends, sent } = channel();
  const doubling = new IpcCalls<number, number, string, string>(ends[0], async (text) => text.toUpperCase());
  const shouting = new IpcCalls<string, string, number, number>(ends[1], async (number) => 2 * number);
  t.same(await Promise.all([1, 2, 3].map((number) => doubling.ask(number))), [2, 4, 6]);
  t.equal(sent.length, 2);
  t.equal(await shouting.ask('a'), 'A');
});

t.test('given a process that ends, what it was asked is rejected', async (t) => {
  const { ends } = channel();
  const calls = new IpcCalls<number, number, number, number>(ends[0], async (number) => number);
  const asked = calls.ask(1);
  ends[0].emit('disconnect');
  await t.rejects(asked, /has ended/);
});
