-- The numbers that keys lead to, 0 where there is none.
--
-- KEYS[1]  prefix of the buckets; all buckets share its hash tag and so its slot
-- ARGV     keys of 16 bytes
-- returns  a number for each key

local numbers = {}
for i = 1, #ARGV do
  local bucket = KEYS[1] .. string.format('%02x%02x', string.byte(ARGV[i], 1, 2))
  numbers[i] = tonumber(redis.call('HGET', bucket, string.sub(ARGV[i], 3)) or 0)
end
return numbers
