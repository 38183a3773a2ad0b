/**
 * The Lua of the control slot (PROTOCOL.md, "Scripts on the control slot"). All keys share the hash tag {g}, so every script
 * is one atomic step on one node in single, Sentinel and Cluster alike. KEYS: root, log, then a generation key per tag.
 */

/** Every script begins with this: it finds the root, or makes a new one when writes may have been lost. */
const CONTROL = `
local root_key, log_key = KEYS[1], KEYS[2]
-- which server is this: a restart changes run_id, a failover or a restored replica changes master_replid
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or ''
local replication = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)') or ''
local stored = redis.call('HMGET', root_key, 'root', 'run', 'replication')
local root, cause = stored[1], ''
local last = redis.call('XREVRANGE', log_key, '+', '-', 'COUNT', 1)[1]
if not root or not last then
  -- nothing here, or the log was deleted or emptied: what it said is lost
  cause = 'lost'
elseif stored[2] ~= run or stored[3] ~= replication then
  -- data carried over from another run of a server: it may be older than what was acknowledged
  cause = 'foreign'
end
if cause ~= '' then
  root = ARGV[1]
  redis.call('DEL', root_key, log_key)
  redis.call('HSET', root_key, 'root', root, 'run', run, 'replication', replication)
  -- the first entry is written with the root, so an existing root always has a log
  last = { redis.call('XADD', log_key, '*', 'root', root) }
end
`;

/** ARGV: a fresh root, known root, known position, px of generations, then two fresh halves per tag. */
export const LOOK_SCRIPT = `${CONTROL}
local known_root, known_position, px = ARGV[2], ARGV[3], ARGV[4]
local position = last[1]
local changes = false
if known_root == root then
  -- the range begins with the known position itself; when the log no longer holds it, there is a gap
  local entries = redis.call('XRANGE', log_key, known_position, '+', 'COUNT', 1001)
  if entries[1] and entries[1][1] == known_position and #entries <= 1000 then
    changes = {}
    for i = 2, #entries do
      local fields = entries[i][2]
      for j = 1, #fields do changes[#changes + 1] = fields[j] end
    end
  end
end
local generations = {}
for i = 3, #KEYS do
  local fresh = ARGV[2 * i - 1] .. ':' .. ARGV[2 * i]
  -- a missing generation is created, random: entries of a lost one can never match
  if redis.call('SET', KEYS[i], fresh, 'NX', 'PX', px) then
    generations[#generations + 1] = fresh
  else
    generations[#generations + 1] = redis.call('GET', KEYS[i])
    redis.call('PEXPIRE', KEYS[i], px)
  end
end
if changes then return { root, position, cause, generations, 'changes', changes } end
return { root, position, cause, generations, 'gap' }
`;

/** ARGV: a fresh root, mode, px of generations, log length, then per tag its name and two fresh halves. Answers as `cause`. */
export const INVALIDATE_SCRIPT = `${CONTROL}
local mode, px, length = ARGV[2], ARGV[3], ARGV[4]
local entry = {}
local function write()
  redis.call('XADD', log_key, 'MAXLEN', '~', length, '*', unpack(entry))
  entry = {}
end
for i = 3, #KEYS do
  local at = 5 + 3 * (i - 3)
  local tag, purge, expire = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  if mode == 'expire' then
    -- expire keeps the purge half, so that the old value stays usable while it is refreshed
    local known = redis.call('GET', KEYS[i])
    if known then purge = string.match(known, '^(%w+):') or purge end
  end
  local generation = purge .. ':' .. expire
  redis.call('SET', KEYS[i], generation, 'PX', px)
  entry[#entry + 1] = tag
  entry[#entry + 1] = generation
  -- Lua passes some thousand values to a call at most
  if #entry == 1000 then write() end
end
if #entry > 0 then write() end
return cause
`;
