-- Takes a prompt's keys unless one of them is taken already: then nothing is.
--
-- Keys lie in generations of Bloom filters: each generation has 2,048 bitmaps of 2^16 bits, and a key has its eight bits in one of them. A generation that has
-- its number of prompts is followed by a new one, and the oldest goes once there are too many.
--
-- KEYS[1]  hash: generation, prompts
-- KEYS[2]  prefix of the bitmaps; all share its hash tag and so its slot
-- ARGV[1]  prompts of a generation
-- ARGV[2]  generations that are kept
-- ARGV[3]  the key that says the prompt itself was asked, 16 hex characters
-- ARGV[4…] the keys that say that one near to it was
-- returns  fresh, exact or near

local state = redis.call('HMGET', KEYS[1], 'generation', 'prompts')
local generation = tonumber(state[1] or '0')
local prompts = tonumber(state[2] or '0')
local size = tonumber(ARGV[1])
local kept = tonumber(ARGV[2])

local function places(key)
  local segment = tonumber(string.sub(key, 1, 4), 16) % 2048
  local from = tonumber(string.sub(key, 5, 10), 16)
  local step = tonumber(string.sub(key, 11, 16), 16) * 2 + 1
  local bits = {}
  for i = 0, 7 do bits[i + 1] = (from + i * step) % 65536 end
  return segment, bits
end

local function bitmap(of, segment)
  return KEYS[2] .. ':' .. of .. ':' .. segment
end

local function isTaken(key)
  local segment, bits = places(key)
  for of = generation, math.max(0, generation - kept + 1), -1 do
    local name = bitmap(of, segment)
    local taken = true
    for i = 1, 8 do
      if redis.call('GETBIT', name, bits[i]) == 0 then
        taken = false
        break
      end
    end
    if taken then return true end
  end
  return false
end

if isTaken(ARGV[3]) then return 'exact' end
for i = 4, #ARGV do
  if isTaken(ARGV[i]) then return 'near' end
end

if prompts >= size then
  generation = generation + 1
  prompts = 0
  local gone = generation - kept
  if gone >= 0 then
    for segment = 0, 2047 do redis.call('UNLINK', bitmap(gone, segment)) end
  end
end
for i = 3, #ARGV do
  local segment, bits = places(ARGV[i])
  local name = bitmap(generation, segment)
  for j = 1, 8 do redis.call('SETBIT', name, bits[j], 1) end
end
redis.call('HSET', KEYS[1], 'generation', generation, 'prompts', prompts + 1)
return 'fresh'
