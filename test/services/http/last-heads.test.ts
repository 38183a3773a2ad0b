import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import t from 'tap';
import { LastHeads } from '../../../services/http/last-heads.js';

function requestOn(socket: Socket, ...rawHeaders: string[]): IncomingMessage {
  return Object.assign(new IncomingMessage(socket), { rawHeaders });
}

t.test('a head is read once for as long as its connection sends no other', async (t) => {
  const read: string[] = [];
  const heads = new LastHeads(({ rawHeaders }) => {
    read.push(rawHeaders.join());
    return { rawHeaders };
  });
  const [one, other] = [new Socket(), new Socket()];
  const first = heads.of(requestOn(one, 'Host', 'a'));
  t.equal(heads.of(requestOn(one, 'Host', 'a')), first);
  t.same(read, ['Host,a']);
  t.not(heads.of(requestOn(other, 'Host', 'a')), first, 'another connection');
  t.same(heads.of(requestOn(one, 'Host', 'b'))?.rawHeaders, ['Host', 'b']);
  t.same(heads.of(requestOn(one, 'Host', 'b', 'Origin', 'c'))?.rawHeaders, ['Host', 'b', 'Origin', 'c']);
  t.same(heads.of(requestOn(one, 'Host', 'a'))?.rawHeaders, ['Host', 'a'], 'only the last one is kept');
  t.equal(read.length, 5);
});

t.test('given a head of which nothing could be said, it is read again', async (t) => {
  const answers = [null, 'known'];
  const heads = new LastHeads(() => answers.shift() ?? null);
  const socket = new Socket();
  t.equal(heads.of(requestOn(socket, 'Host', 'a')), null);
  t.equal(heads.of(requestOn(socket, 'Host', 'a')), 'known');
  t.equal(heads.of(requestOn(socket, 'Host', 'a')), 'known');
});
