import { SLOT_MS, SLOTS_COUNT, TENANT_ASKS_MS, TENANT_GONE_MS, TENANTS_FACTOR } from './budget-ledger.js';

/** A process that has not asked for so long is gone. */
const GONE_AFTER_MS = 10_000;

/** Tenants that are gone are forgotten so many at a time. */
const FORGET_MAX_COUNT = 100;

/**
 * KEYS, in one slot: 1 the account, 2 the processes that take from it, 3 when each tenant asked last, 4 what each has had, by the
 * second. ARGV: 1 budget of a minute, 2 paced ones wanted, 3 granted elsewhere and not told yet, 4 whether the asker
 * has met this account before, 5 the asker, 6 paced ones in a ms, 7 paced ones at once, 8 reserved for urgent ones, from 9 on the
 * tenant of each urgent one. Answers how many paced ones are granted, how long all is spent, when more paced ones may be granted,
 * how many processes there are, which urgent ones are granted, and what was granted by the second, the newest first. Whatever runs
 * twice counts twice: that grants less, never more.
 */
export const BUDGET_SCRIPT = `
local budget, paced, told = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local paced_per_ms, paced_at_once, reserved = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
local now = math.floor(now_ms / ${SLOT_MS})
local fields = redis.call('HGETALL', KEYS[1])
local counts, taken, oldest, level, level_at_ms = {}, 0, nil, paced_at_once, now_ms
for i = 1, ${SLOTS_COUNT} do counts[i] = 0 end
if #fields == 0 and ARGV[4] == '1' then
  -- lost: what was granted is not known, so the budget is taken to have been used evenly
  local even = math.floor(budget / ${SLOTS_COUNT})
  level = 0
  for age = 0, ${SLOTS_COUNT - 1} do
    counts[age + 1] = even
    redis.call('HSET', KEYS[1], string.format('%.0f', now - age), even)
  end
  taken, oldest = even * ${SLOTS_COUNT}, now - ${SLOTS_COUNT - 1}
end
for i = 1, #fields, 2 do
  local field, value = fields[i], tonumber(fields[i + 1])
  if field == 'level' then level = value
  elseif field == 'at' then level_at_ms = value
  else
    local slot = tonumber(field)
    local age = now - slot
    if age >= ${SLOTS_COUNT} then redis.call('HDEL', KEYS[1], field)
    else
      if age < 0 then
        -- the clock went back: counted from now, or it would stand there until the clock is there again
        redis.call('HDEL', KEYS[1], field)
        redis.call('HINCRBY', KEYS[1], string.format('%.0f', now), value)
        age, slot = 0, now
      end
      counts[age + 1] = counts[age + 1] + value
      taken = taken + value
      if oldest == nil or slot < oldest then oldest = slot end
    end
  end
end
level = math.min(paced_at_once, level + math.max(0, now_ms - level_at_ms) * paced_per_ms)
local free = math.max(0, budget - taken - told)
for i = 9, #ARGV do redis.call('ZADD', KEYS[3], now_ms, ARGV[i]) end
local gone = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now_ms - ${TENANT_GONE_MS}, 'LIMIT', 0, ${FORGET_MAX_COUNT})
for _, tenant in ipairs(gone) do
  redis.call('ZREM', KEYS[3], tenant)
  redis.call('HDEL', KEYS[4], tenant)
end
local are_several = redis.call('ZCARD', KEYS[3]) > 1
local asking = redis.call('ZCOUNT', KEYS[3], '(' .. (now_ms - ${TENANT_ASKS_MS}), '+inf')
local equal = budget / (asking + 1)
local shares, urgent, urgent_count = {}, {}, 0
for i = 9, #ARGV do
  local tenant = ARGV[i]
  if shares[tenant] == nil then
    local share = { count = 0, slots = {} }
    for slot, had in string.gmatch(redis.call('HGET', KEYS[4], tenant) or '', '(%d+):(%d+)') do
      slot = math.min(tonumber(slot), now)
      if now - slot < ${SLOTS_COUNT} then
        share.slots[slot] = (share.slots[slot] or 0) + tonumber(had)
        share.count = share.count + tonumber(had)
      end
    end
    shares[tenant] = share
  end
  local share = shares[tenant]
  local most = math.max(equal, ${TENANTS_FACTOR} * free / asking)
  local is_granted = free >= 1 and (not are_several or share.count < most)
  if is_granted then
    free = free - 1
    urgent_count = urgent_count + 1
    share.count = share.count + 1
    share.slots[now] = (share.slots[now] or 0) + 1
  end
  urgent[#urgent + 1] = is_granted and 1 or 0
end
for tenant, share in pairs(shares) do
  local slots = {}
  for slot, had in pairs(share.slots) do slots[#slots + 1] = string.format('%.0f:%.0f', slot, had) end
  redis.call('HSET', KEYS[4], tenant, table.concat(slots, ' '))
end
redis.call('PEXPIRE', KEYS[3], ${TENANT_GONE_MS})
redis.call('PEXPIRE', KEYS[4], ${TENANT_GONE_MS})
level = level - urgent_count - told
paced = math.max(0, math.min(paced, math.floor(level), free - reserved))
free = free - paced
level = level - paced
local granted = urgent_count + paced + told
if granted > 0 then
  redis.call('HINCRBY', KEYS[1], string.format('%.0f', now), granted)
  counts[1] = counts[1] + granted
  if oldest == nil then oldest = now end
end
redis.call('HSET', KEYS[1], 'level', string.format('%.6f', level), 'at', string.format('%.0f', now_ms))
redis.call('PEXPIRE', KEYS[1], ${2 * SLOTS_COUNT * SLOT_MS})
redis.call('ZADD', KEYS[2], now_ms, ARGV[5])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now_ms - ${GONE_AFTER_MS})
redis.call('PEXPIRE', KEYS[2], ${2 * SLOTS_COUNT * SLOT_MS})
local slide_ms = oldest and (oldest + ${SLOTS_COUNT}) * ${SLOT_MS} - now_ms or 0
local missing_ms = math.ceil(math.max(0, 1 - level) / paced_per_ms)
local paced_ms = free - reserved < 1 and math.max(slide_ms, missing_ms) or missing_ms
return { paced, free < 1 and slide_ms or 0, paced_ms, redis.call('ZCARD', KEYS[2]), urgent, counts }
`;
