-- The claims to keys of one partition.
--
-- KEYS[1]  prefix of the partition; every name made from it has its hash tag and so its slot
-- ARGV[1]  keys, 15 bytes each: what follows the byte that names the partition
-- returns  { the smallest claim of each key (place, or place and version), nil where there is none;
--            for each key that has more: its number from 0, the other claims (10 bytes each), its withdrawals (10 bytes each) }

local FIELD = 15

local prefix, fields = KEYS[1], ARGV[1]
local buckets = tonumber(redis.call('HGET', prefix .. 'size', 'buckets') or 1)
local span = 1
while span < buckets do span = span * 2 end

local groups, indexes = {}, {}
for i = 0, #fields / FIELD - 1 do
  local field = string.sub(fields, i * FIELD + 1, (i + 1) * FIELD)
  local a, b, c = string.byte(field, 1, 3)
  local index = (a * 65536 + b * 256 + c) % span
  if index >= buckets then index = index - span / 2 end
  local group = groups[index]
  if not group then
    group = { fields = {}, numbers = {} }
    groups[index] = group
    indexes[#indexes + 1] = index
  end
  group.fields[#group.fields + 1] = field
  group.numbers[#group.numbers + 1] = i
end

local first, more = {}, {}
for _, index in ipairs(indexes) do
  local group = groups[index]
  local owners = redis.call('HMGET', prefix .. 'own:' .. index, unpack(group.fields))
  local also = redis.call('HMGET', prefix .. 'also:' .. index, unpack(group.fields))
  local gone = redis.call('HMGET', prefix .. 'gone:' .. index, unpack(group.fields))
  for i, number in ipairs(group.numbers) do
    first[number + 1] = owners[i]
    if also[i] or gone[i] then
      more[#more + 1], more[#more + 2], more[#more + 3] = number, also[i] or '', gone[i] or ''
    end
  end
end
return { first, more }
