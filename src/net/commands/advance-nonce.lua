-- Puts a nonce in the place of the highest one so far, where it is above that.
-- KEYS[1] the highest nonce of one endpoint: a decimal without padding
-- ARGV[1] nonce, in the same form
-- ARGV[2] milliseconds to keep it for
-- Returns 1 where it is the highest now, 0 where it is not above the one before.

local highest = redis.call('GET', KEYS[1])
-- As texts: a nonce has more digits than a number holds here.
if highest and (#highest > #ARGV[1] or (#highest == #ARGV[1] and highest >= ARGV[1])) then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
