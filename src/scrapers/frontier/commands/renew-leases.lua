-- Makes an owner's leases last longer.
--
-- KEYS[1]  sorted set: leased URLs by the time their lease runs out, ms
-- KEYS[2]  hash: URL -> "depth attempts owner"
-- ARGV[1]  owner
-- ARGV[2]  duration from now, ms
-- ARGV[3…] URLs
-- returns  how many of the leases are still the owner's

local time = redis.call('TIME')
local expiry = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + tonumber(ARGV[2])
local renewed = 0
for i = 3, #ARGV do
  local entry = redis.call('HGET', KEYS[2], ARGV[i])
  if entry and string.match(entry, '^%d+ %d+ (.*)$') == ARGV[1] then
    redis.call('ZADD', KEYS[1], 'XX', expiry, ARGV[i])
    renewed = renewed + 1
  end
end
return renewed
