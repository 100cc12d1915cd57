-- Puts URLs that were never seen into the queues.
--
-- KEYS[1]  prefix of the crawl's keys
-- ARGV[1]  JSON {ready, plain, query}: see add_links
-- ARGV[2]  JSON: fingerprint, counter of its shape, level, URL; again and again
-- ARGV[3]  JSON {counter: n}: what was passed over before it came here
-- returns  how many were new, and how many found no room

local added, over = add_links(cjson.decode(ARGV[2]), cjson.decode(ARGV[1]))
for counter, by in pairs(cjson.decode(ARGV[3])) do count(counter, by) end
write_changes()
return { added, over }
