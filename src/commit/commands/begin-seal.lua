-- Begins a seal unless one stands. Batches that were read before another seal was finished may be in its manifest already: they begin nothing.
--
-- KEYS[1]  the seal that stands, as JSON
-- KEYS[2]  hash: `seals` finished so far
-- ARGV[1]  the new seal, as JSON; empty where no batch waits
-- ARGV[2]  how many seals were finished when its batches were read
-- returns  the seal that stands now, empty where there is none; 'moved' where another was finished meanwhile

local sealing = redis.call('GET', KEYS[1])
if sealing then return sealing end
if ARGV[1] == '' then return '' end
if (redis.call('HGET', KEYS[2], 'seals') or '0') ~= ARGV[2] then return 'moved' end
redis.call('SET', KEYS[1], ARGV[1])
return ARGV[1]
