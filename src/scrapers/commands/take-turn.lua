-- Takes the next free turn at a host: turns lie a delay apart, whoever of a miner's workers takes them.
--
-- KEYS[1]  string: time of the next free turn, microseconds
-- ARGV[1]  delay between turns, microseconds
-- returns  microseconds until the turn that was taken

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local delay = tonumber(ARGV[1])
local turn = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
local expiryMs = math.ceil((turn + delay - now) / 1000) + 1000
redis.call('SET', KEYS[1], string.format('%.0f', turn + delay), 'PX', expiryMs)
return turn - now
