-- Notes keys as first seen by a batch; keys that another batch was first to see stay with it. Running it again changes nothing.
--
-- KEYS[1]  prefix of the buckets; all buckets share its hash tag and so its slot
-- KEYS[2]  hash: batch -> number
-- ARGV[1]  the batch
-- ARGV[2…] keys of 16 bytes
-- returns  how many of the keys are the batch's

local number = redis.call('HGET', KEYS[2], ARGV[1])
if not number then
  number = tostring(redis.call('HLEN', KEYS[2]) + 1)
  redis.call('HSET', KEYS[2], ARGV[1], number)
end

local added = 0
for i = 2, #ARGV do
  local bucket = KEYS[1] .. string.format('%02x%02x', string.byte(ARGV[i], 1, 2))
  local field = string.sub(ARGV[i], 3)
  if redis.call('HSETNX', bucket, field, number) == 1 or redis.call('HGET', bucket, field) == number then
    added = added + 1
  end
end
return added
