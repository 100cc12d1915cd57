-- Leaves a host alone for a while because it asked for that: each time in a row twice as long.
--
-- KEYS[1]  hash: turn, delay, until, strikes (see host-state.ts)
-- ARGV[1]  how long it asked to be left alone, microseconds; 0 where it did not say
-- ARGV[2]  how long the first time, microseconds
-- ARGV[3]  how long at most unless it asked for more, microseconds
-- returns  microseconds until it may be asked again, and how often in a row it asked to wait

local KEPT_MS = 600000

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local state = redis.call('HMGET', KEYS[1], 'until', 'strikes')
local till, strikes = tonumber(state[1] or 0), tonumber(state[2] or 0)
-- Answers to requests that were under way together are one refusal.
if till <= now then
  strikes = strikes + 1
  till = now + math.min(tonumber(ARGV[3]), tonumber(ARGV[2]) * 2 ^ (strikes - 1))
end
till = math.max(till, now + tonumber(ARGV[1]))
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', till), 'strikes', strikes)
local expiryMs = math.ceil((till - now) / 1000) + KEPT_MS
if redis.call('PTTL', KEYS[1]) < expiryMs then redis.call('PEXPIRE', KEYS[1], expiryMs) end
return { till - now, strikes }
