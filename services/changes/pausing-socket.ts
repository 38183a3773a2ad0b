import { Socket, type SocketConstructorOpts } from 'node:net';

/** One that reads nothing more while it is paused: an ordinary one wakes for whatever comes until its buffer is full. */
export function pausingSocket(): Socket {
  const options: SocketConstructorOpts & { readableHighWaterMark: number } = { readableHighWaterMark: 1 };
  return new Socket(options);
}
