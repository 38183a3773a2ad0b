import { LOOK_MESSAGE } from './bus-channel.js';

/**
 * The Lua of the control slot (PROTOCOL.md, "Scripts on the control slot"). All keys share the hash tag {g}, so every script
 * is one atomic step on one node in single, Sentinel and Cluster alike. KEYS: root, log, members, seen, switch, then a generation
 * key per tag.
 */

/** Keys that every script gets, before those of tags. */
export const CONTROL_KEYS = ['root', 'log', 'members', 'seen', 'switch'] as const;

/**
 * A member that was not seen for 10 W has no trust since long: nobody needs to wait for it. By Redis' own clock, which may jump: so
 * whoever removes one says so, and the list of members counts again once that is known for W (member-list.ts).
 */
const SILENT_MS = 10_000;

/** Begins an entry of the log: mode and cause. A tag never looks like this, because quotes are escaped in it. */
export const ENTRY_HEAD = '"';

/** Every script begins with this: it finds the root, or makes a new one when writes may have been lost. */
export const CONTROL = `
local root_key, log_key, members_key, seen_key, switch_key = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
-- the bus is only a hint: a server that refuses the channel to this user refuses nothing else
local function tell() redis.pcall('PUBLISH', (string.gsub(root_key, 'root$', 'bus')), '${LOOK_MESSAGE}') end
-- which server is this: a restart changes run_id, a failover or a restored replica changes master_replid
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or ''
local info = redis.call('INFO', 'replication')
local replication = string.match(info, 'master_replid:(%w+)') or ''
local replicas = tonumber(string.match(info, 'connected_slaves:(%d+)')) or 0
local stored = redis.call('HMGET', root_key, 'root', 'run', 'replication', 'list')
local root, cause, list = stored[1], '', stored[4]
local last = redis.call('XREVRANGE', log_key, '+', '-', 'COUNT', 1)[1]
if not root or not last or redis.call('HGET', members_key, 'root') ~= root then
  -- nothing here, or the log was deleted or emptied: what it said is lost; without the members nobody knows whom to wait for
  cause = 'lost'
elseif stored[2] ~= run or stored[3] ~= replication then
  -- data carried over from another run of a server: it may be older than what was acknowledged
  cause = 'foreign'
end
if cause ~= '' then
  root, list = ARGV[1], false
  redis.call('DEL', root_key, log_key, members_key, seen_key)
  redis.call('HSET', root_key, 'root', root, 'run', run, 'replication', replication)
  -- written with the root, so an existing root always has a log and a list of members
  redis.call('HSET', members_key, 'root', root)
  last = { redis.call('XADD', log_key, '*', 'root', root) }
  tell()
end
-- the members of a root from whom nobody was removed yet
list = list or root
`;

/** Redis' own clock: what one process wrote another compares. */
export const NOW = `
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/** ARGV: a fresh root, known root, known position, px of generations, process id, then two fresh halves per tag. */
export const LOOK_SCRIPT = `${CONTROL}${NOW}
local known_root, known_position, px, id = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
-- the position it brought: the one in this answer is not applied before the answer has arrived. Who knew another root has
-- applied nothing of this one, and is waited for until it says so
redis.call('HSET', members_key, id, known_root == root and known_position or '0-0')
redis.call('ZADD', seen_key, string.format('%.0f', now_ms), id)
local silent_since = string.format('%.0f', now_ms - ${SILENT_MS})
for _, silent in ipairs(redis.call('ZRANGEBYSCORE', seen_key, '-inf', silent_since)) do
  redis.call('HDEL', members_key, silent)
  redis.call('ZREM', seen_key, silent)
  -- another list from now on: a clock that jumped made this one silent, and it may trust for W yet
  list = ARGV[1]
end
if list == ARGV[1] and list ~= root then redis.call('HSET', root_key, 'list', list) end
local position = last[1]
local changes = false
-- the range begins with the known position itself; who knew another root is told all since the beginning of this one
local from = known_root == root and known_position or '-'
local entries = redis.call('XRANGE', log_key, from, '+', 'COUNT', 1001)
-- when the log no longer holds where that would begin, there is a gap
local is_whole = entries[1] and (entries[1][1] == from or (from == '-' and entries[1][2][1] == 'root'))
if is_whole and #entries <= 1000 then
  changes = {}
  for i = 2, #entries do
    local fields = entries[i][2]
    for j = 1, #fields do changes[#changes + 1] = fields[j] end
  end
end
local generations = {}
for i = 1, #KEYS - 5 do
  local key, fresh = KEYS[5 + i], ARGV[4 + 2 * i] .. ':' .. ARGV[5 + 2 * i]
  -- a missing generation is created, random: entries of a lost one can never match
  if redis.call('SET', key, fresh, 'NX', 'PX', px) then
    generations[i] = fresh
  else
    generations[i] = redis.call('GET', key)
    redis.call('PEXPIRE', key, px)
  end
end
-- in the same step as the log: whoever sees a switch on sees its purge
local switches = redis.call('HGETALL', switch_key)
if not changes then return { root, position, cause, list, generations, switches, 'gap' } end
return { root, position, cause, list, generations, switches, known_root == root and 'changes' or 'root', changes }
`;

/**
 * ARGV: a fresh root, mode, cause, px of generations, log length, then per tag its name and two fresh halves.
 * Answers root, position, why the root is new, connected replicas.
 */
export const INVALIDATE_SCRIPT = `${CONTROL}
local mode, px, length = ARGV[2], ARGV[4], ARGV[5]
-- a long invalidation goes on in entries without a head: scripts are atomic, so nobody sees its beginning alone
local entry = { '${ENTRY_HEAD}', mode .. ':' .. ARGV[3] }
local position
local function write()
  position = redis.call('XADD', log_key, 'MAXLEN', '~', length, '*', unpack(entry))
  entry = {}
end
for i = 1, #KEYS - 5 do
  local key, at = KEYS[5 + i], 3 + 3 * i
  local tag, purge, expire = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  if mode == 'expire' then
    -- expire keeps the purge half, so that the old value stays usable while it is refreshed
    local known = redis.call('GET', key)
    if known then purge = string.match(known, '^(%w+):') or purge end
  end
  local generation = purge .. ':' .. expire
  redis.call('SET', key, generation, 'PX', px)
  entry[#entry + 1] = tag
  entry[#entry + 1] = generation
  -- Lua passes some thousand values to a call at most
  if #entry == 1000 then write() end
end
if #entry > 0 then write() end
tell()
return { root, position, cause, replicas }
`;
