import { SLOT_MS, SLOTS_COUNT } from './budget-ledger.js';

/** A process that has not asked for so long is gone. */
const GONE_AFTER_MS = 10_000;

/**
 * KEYS, in one slot: 1 the account, 2 the processes that take from it. ARGV: 1 budget of a minute, 2 urgent ones wanted, 3 paced ones
 * wanted, 4 granted elsewhere and not told yet, 5 whether the asker has met this account before, 6 the asker, 7 paced ones in a ms,
 * 8 paced ones at once, 9 reserved for urgent ones. Answers the grants, when more may be granted, how many processes there are, and
 * what was granted by the second, the newest first. Whatever runs twice counts twice: that grants less, never more.
 */
export const BUDGET_SCRIPT = `
local budget, urgent, paced, told = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local paced_per_ms, paced_at_once, reserved = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
local now = math.floor(now_ms / ${SLOT_MS})
local fields = redis.call('HGETALL', KEYS[1])
local counts, taken, oldest, level, level_at_ms = {}, 0, nil, paced_at_once, now_ms
for i = 1, ${SLOTS_COUNT} do counts[i] = 0 end
if #fields == 0 and ARGV[5] == '1' then
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
urgent = math.min(urgent, free)
level = level - urgent - told
paced = math.max(0, math.min(paced, math.floor(level), free - urgent - reserved))
level = level - paced
local granted = urgent + paced + told
if granted > 0 then
  redis.call('HINCRBY', KEYS[1], string.format('%.0f', now), granted)
  counts[1] = counts[1] + granted
  if oldest == nil then oldest = now end
end
redis.call('HSET', KEYS[1], 'level', string.format('%.6f', level), 'at', string.format('%.0f', now_ms))
redis.call('PEXPIRE', KEYS[1], ${2 * SLOTS_COUNT * SLOT_MS})
redis.call('ZADD', KEYS[2], now_ms, ARGV[6])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now_ms - ${GONE_AFTER_MS})
redis.call('PEXPIRE', KEYS[2], ${2 * SLOTS_COUNT * SLOT_MS})
local slide_ms = oldest and (oldest + ${SLOTS_COUNT}) * ${SLOT_MS} - now_ms or 0
local missing_ms = math.ceil(math.max(0, 1 - level) / paced_per_ms)
local paced_ms = free - urgent - paced - reserved < 1 and math.max(slide_ms, missing_ms) or missing_ms
return { urgent, paced, slide_ms, paced_ms, redis.call('ZCARD', KEYS[2]), counts }
`;
