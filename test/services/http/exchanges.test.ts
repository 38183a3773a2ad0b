import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { Exchanges } from '../../../services/http/exchanges.js';
import { collectGarbage } from '../../helpers/collect-garbage.js';

function requestOn(socket: Socket): IncomingMessage {
  return { socket } as unknown as IncomingMessage;
}

/** No more of a response than that it ends. */
function newResponse(): ServerResponse {
  return new EventEmitter() as ServerResponse;
}

t.test('given requests sent at once on a connection, those not answered yet are told in their order', (t) => {
  const exchanges = new Exchanges();
  const socket = {} as Socket;
  const requests = [requestOn(socket), requestOn(socket), requestOn(socket)];
  const responses = requests.map(() => newResponse());
  requests.forEach((request, i) => {
    exchanges.begin(request, responses[i] ?? newResponse());
  });
  const underWay = () => exchanges.underWayOn(socket).map(({ request }) => requests.indexOf(request));
  t.same(underWay(), [0, 1, 2]);
  responses[1]?.emit('close');
  t.same(underWay(), [0, 2]);
  responses[0]?.emit('close');
  t.same(underWay(), [2]);
  responses[2]?.emit('close');
  t.same(underWay(), []);
  t.same(exchanges.underWayOn({} as Socket), []);
  t.end();
});

t.test('what is written whole, and next on its connection, is not waited for', async (t) => {
  const exchanges = new Exchanges();
  const socket = {} as Socket;
  const written = Object.assign(newResponse(), { writableEnded: true });
  exchanges.begin(requestOn(socket), Object.assign(written, { socket }));
  t.same(exchanges.underWayOn(socket), []);
  const behind = Object.assign(newResponse(), { writableEnded: true, socket: null });
  exchanges.begin(requestOn(socket), behind);
  t.equal(exchanges.underWayOn(socket).length, 1, 'behind another one');
});

/** Begun in a scope of its own, so that nothing here holds it. */
function begunOn(exchanges: Exchanges, socket: Socket): { response: WeakRef<ServerResponse> } {
  const response = newResponse();
  exchanges.begin(requestOn(socket), response);
  return { response: new WeakRef(response) };
}

t.test('given a connection that is kept, it holds no answered request', async (t) => {
  const exchanges = new Exchanges();
  const socket = {} as Socket;
  const { response } = begunOn(exchanges, socket);
  await turn();
  collectGarbage();
  t.ok(response.deref(), 'what is under way is held');
  response.deref()?.emit('close');
  await turn();
  collectGarbage();
  t.equal(response.deref(), undefined);
  t.same(exchanges.underWayOn(socket), []);
});
