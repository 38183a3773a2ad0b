/**
 * Lua of the ledger. KEYS, all in one slot: 1 hash of bytes by key hash, with the sum under `.sum` (no key hash has a dot); 2 sorted set of
 * instants of the last read; 3 sorted set of instants of deletion; 4, of APPLY alone,
 * sorted set of who writes here, by the instant of his last step. Instants are Redis' own, in ms. Every script may run twice or late.
 */
const COMMON = `
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local sum = tonumber(redis.call('HGET', KEYS[1], '.sum') or 0)

local function forget(hash)
  sum = sum - tonumber(redis.call('HGET', KEYS[1], hash) or 0)
  redis.call('HDEL', KEYS[1], hash)
  redis.call('ZREM', KEYS[2], hash)
  redis.call('ZREM', KEYS[3], hash)
end

-- The sum lies in the hash it sums: whatever takes one away takes the other too
local function keepSum()
  if sum ~= 0 or redis.call('EXISTS', KEYS[1]) == 1 then
    redis.call('HSET', KEYS[1], '.sum', string.format('%.0f', sum))
  end
end

-- What the ledger itself takes: sampled by Redis, so quick for any length
local function state()
  local own = 0
  for i = 1, 3 do own = own + (redis.call('MEMORY', 'USAGE', KEYS[i]) or 0) end
  local entries = redis.call('HLEN', KEYS[1]) - redis.call('HEXISTS', KEYS[1], '.sum')
  return { string.format('%.0f', sum), entries, own }
end
`;

/**
 * ARGV: how long the ledger outlives its last use, who writes, for how many ms he counts as one who does, how many stores, per store hash,
 * bytes and ms until deletion, then the hashes that were read. Answers the state, the hashes that were read but are not in the ledger, and how
 * many write.
 */
export const APPLY_SCRIPT = `${COMMON}
local storesCount = tonumber(ARGV[4])
for i = 5, 4 + 3 * storesCount, 3 do
  local hash, bytes, leftMs = ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
  sum = sum + bytes - tonumber(redis.call('HGET', KEYS[1], hash) or 0)
  redis.call('HSET', KEYS[1], hash, string.format('%.0f', bytes))
  redis.call('ZADD', KEYS[2], nowMs, hash)
  redis.call('ZADD', KEYS[3], nowMs + leftMs, hash)
end
local unknown = {}
for i = 5 + 3 * storesCount, #ARGV do
  if redis.call('HEXISTS', KEYS[1], ARGV[i]) == 1 then
    redis.call('ZADD', KEYS[2], nowMs, ARGV[i])
  else
    unknown[#unknown + 1] = ARGV[i]
  end
end
keepSum()
redis.call('ZADD', KEYS[4], nowMs, ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', nowMs - ARGV[3])
for i = 1, 4 do redis.call('PEXPIRE', KEYS[i], ARGV[1]) end
return { state(), unknown, redis.call('ZCARD', KEYS[4]) }
`;

/** ARGV: how many at most. Forgets entries whose deletion is due; answers how many, and the state. */
export const FORGET_DUE_SCRIPT = `${COMMON}
local due = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', nowMs, 'LIMIT', 0, ARGV[1])
for _, hash in ipairs(due) do forget(hash) end
keepSum()
return { #due, state() }
`;

/** ARGV: hash and the last read that the caller saw, in turns. Forgets those neither read nor stored since; answers the state. */
export const FORGET_SCRIPT = `${COMMON}
for i = 1, #ARGV, 2 do
  if (redis.call('ZSCORE', KEYS[2], ARGV[i]) or '') == ARGV[i + 1] then forget(ARGV[i]) end
end
keepSum()
return state()
`;

/** ARGV: cursor, about how many. Answers the next cursor and hash and last read in turns, of a slice of the ledger. */
export const SLICE_SCRIPT = `${COMMON}
local scan = redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
local slice = { scan[1] }
for i = 1, #scan[2], 2 do
  local hash = scan[2][i]
  if hash ~= '.sum' then
    -- Redis may evict one of the three keys alone: then its entries count as read just now
    if not redis.call('ZSCORE', KEYS[2], hash) then redis.call('ZADD', KEYS[2], nowMs, hash) end
    slice[#slice + 1] = hash
    slice[#slice + 1] = redis.call('ZSCORE', KEYS[2], hash)
  end
end
return slice
`;

/** ARGV: how many. Answers hash and last read in turns, those read longest ago first. */
export const OLDEST_SCRIPT = `
return redis.call('ZRANGE', KEYS[2], 0, ARGV[1] - 1, 'WITHSCORES')
`;

/** ARGV: who asks, for how long. Answers 1 when the asker is, or becomes, the one who sweeps. KEYS: 1 the seat. */
export const ELECT_SCRIPT = `
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) and 1 or 0
`;
