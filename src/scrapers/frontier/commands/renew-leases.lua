-- Makes an owner's leases last longer, unless they ran out and passed to another.
--
-- KEYS[1]  prefix of the crawl's keys
-- ARGV[1]  queue
-- ARGV[2]  owner
-- ARGV[3]  duration from now, ms
-- ARGV[4]  JSON: URLs
-- returns  how many of the leases are still the owner's

local queue, owner = ARGV[1], ARGV[2]
local owners = prefix .. 'owners:' .. queue
if not redis.call('ZSCORE', owners, owner) then return 0 end
redis.call('ZADD', owners, 'GT', now + tonumber(ARGV[3]), owner)
local held = 0
for _, found in pairs(read_in_parts(prefix .. 'held:' .. queue .. ':' .. owner, cjson.decode(ARGV[4]))) do
  if found then held = held + 1 end
end
return held
