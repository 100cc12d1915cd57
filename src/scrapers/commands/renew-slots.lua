-- Makes slots last longer that have not run out.
--
-- KEYS     sorted sets: slots by when they run out, ms
-- ARGV[1]  how long from now, ms
-- ARGV[2…] the slot of each of the sets, in their order

local time = redis.call('TIME')
local lastsMs = tonumber(ARGV[1])
local expiry = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + lastsMs
for i, name in ipairs(KEYS) do
  redis.call('ZADD', name, 'XX', expiry, ARGV[i + 1])
  redis.call('PEXPIRE', name, lastsMs)
end
