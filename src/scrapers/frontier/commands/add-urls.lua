-- Puts URLs that were never seen into a queue, nearest to the seeds first, then in order of arrival.
--
-- KEYS[1]  set: fingerprints of all URLs ever added
-- KEYS[2]  sorted set: ready URLs by order
-- KEYS[3]  hash: URL -> "depth attempts owner"
-- KEYS[4]  hash: counters
-- ARGV[1]  most URLs that may be ready at once; what is over stays unseen
-- ARGV[2…] fingerprint (8 bytes), URL, depth; again and again
-- returns  how many were new

local room = tonumber(ARGV[1]) - redis.call('ZCARD', KEYS[2])
local added = 0
for i = 2, #ARGV, 3 do
  if added >= room then break end
  if redis.call('SADD', KEYS[1], ARGV[i]) == 1 then
    local url, depth = ARGV[i + 1], ARGV[i + 2]
    local order = tonumber(depth) * 4294967296 + redis.call('HINCRBY', KEYS[4], 'order', 1)
    redis.call('ZADD', KEYS[2], order, url)
    redis.call('HSET', KEYS[3], url, depth .. ' 0 ')
    added = added + 1
  end
end
return added
