// Loaded before a service, breaks it on purpose: Redis takes what a holder brings, and lets it go on, whoever has the lease by now.
import { Redis } from 'ioredis';

const UNFENCED = new Set(['dashcacheFill', 'dashcacheBeat']);
const { defineCommand } = Redis.prototype;

Redis.prototype.defineCommand = function (name, definition) {
  const lua = UNFENCED.has(name) ? unfenced(definition.lua) : definition.lua;
  return defineCommand.call(this, name, { ...definition, lua });
};

/** The first line that compares is left out; a beat that has nothing to prolong says that it had. */
function unfenced(lua) {
  const without = lua.replace(/^if .*$/m, '').replace(/^return redis.call\('PEXPIRE'.*$/m, 'return 1');
  if (without === lua) throw new Error(`There is no fence in ${lua}`);
  return without;
}
