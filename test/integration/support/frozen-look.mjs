// Loaded before a service, breaks it on purpose: after SIGUSR2 every look is answered at once, without Redis, with "nothing new".
import { Redis } from 'ioredis';

const { defineCommand } = Redis.prototype;
let isFrozen = false;
process.on('SIGUSR2', () => {
  isFrozen = true;
});

Redis.prototype.defineCommand = function (name, definition) {
  defineCommand.call(this, name, definition);
  if (name !== 'dashcacheLook') return;
  const look = this[name].bind(this);
  this[name] = (keysCount, ...words) => {
    const [, root, position] = words.slice(keysCount);
    return isFrozen
      ? Promise.resolve([root, position, '', '', [], [], 'changes', []])
      : look(keysCount, ...words);
  };
};
