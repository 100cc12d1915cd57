-- Notes that a claim to keys of one partition does not hold. It may come before the claim itself. Of several withdrawals the earliest
-- stays, whatever order they come in; running it again changes nothing.
--
-- KEYS[1]  prefix of the partition; every name made from it has its hash tag and so its slot
-- ARGV[1]  the claim's place, 6 bytes
-- ARGV[2]  seconds since 1970 at which it was withdrawn, 4 bytes, the highest first
-- ARGV[3]  keys, 15 bytes each: what follows the byte that names the partition

local FIELD, PLACE, TIME = 15, 6, 4

local prefix, place, time, fields = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local buckets = tonumber(redis.call('HGET', prefix .. 'size', 'buckets') or 1)
local span = 1
while span < buckets do span = span * 2 end

local function earlier(a, b)
  for i = 1, TIME do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x < y and a or b end
  end
  return a
end

local function noted(known)
  for i = 1, #known, PLACE + TIME do
    if string.sub(known, i, i + PLACE - 1) == place then
      local kept = earlier(string.sub(known, i + PLACE, i + PLACE + TIME - 1), time)
      return string.sub(known, 1, i + PLACE - 1) .. kept .. string.sub(known, i + PLACE + TIME)
    end
  end
  return known .. place .. time
end

for i = 0, #fields / FIELD - 1 do
  local field = string.sub(fields, i * FIELD + 1, (i + 1) * FIELD)
  local a, b, c = string.byte(field, 1, 3)
  local index = (a * 65536 + b * 256 + c) % span
  if index >= buckets then index = index - span / 2 end
  local name = prefix .. 'gone:' .. index
  redis.call('HSET', name, field, noted(redis.call('HGET', name, field) or ''))
end
