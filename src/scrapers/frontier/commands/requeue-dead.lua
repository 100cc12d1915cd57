-- Puts dead letters back into the queue of what is fetched by HTTP, as if they had never been tried.
--
-- KEYS[1]  prefix of the crawl's keys
-- ARGV[1]  JSON: URLs
-- ARGV[2]  only those of this reason; empty for any
-- returns  how many were put back

local urls = cjson.decode(ARGV[1])
local back = {}
for i, letter in pairs(read_in_parts(prefix .. 'letters', urls)) do
  local level, reason = string.match(letter or '', '^(%d+) %d+ %d+ (.*)$')
  -- One that is named twice is gone the second time.
  if level and (ARGV[2] == '' or ARGV[2] == reason) and redis.call('HDEL', prefix .. 'letters', urls[i]) == 1 then
    back[#back + 1] = urls[i]
    count('failed:' .. reason, -1)
    enqueue('http', host_of(urls[i]), level, level .. ' 0 0 ' .. urls[i])
  end
end
if #back > 0 then in_parts('ZREM', prefix .. 'dead', back) end
write_changes()
return #back
