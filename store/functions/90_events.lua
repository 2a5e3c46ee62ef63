-- The public stream of events: numbered without gaps, so that a reader sees what trimming cost him.

-- KEYS hongyan:events, its numbers. ARGV: keep, job, then per event: n (0: of no job), type, at, tenant, data.
-- The last n applied of the job.
local function publish_once(keys, args, reader, job)
  local before = reader and tonumber(call('HGET', keys[2], reader) or '0') or 0
  local last = before
  for i = 3, #args, 5 do
    local n = tonumber(args[i])
    if n == 0 or n > last then
      local seq = call('HINCRBY', keys[2], 'seq', 1)
      call('XADD', keys[1], 'MAXLEN', '~', args[1], '*', 'seq', seq, 'type', args[i + 1], 'at', args[i + 2],
        'tenant', args[i + 3], 'job', job, 'data', args[i + 4])
      if n > last then last = n end
    end
  end
  if last > before then call('HSET', keys[2], reader, int(last)) end
  return before, last
end

local function publish(keys, args)
  local job = args[2]
  local _, last = publish_once(keys, args, job ~= '' and 'job:' .. job or nil, job)
  return int(last)
end

-- Likewise of a mailbox in the job's place. The last n that earlier calls applied.
local function publish_news(keys, args)
  local before = publish_once(keys, args, 'mailbox:' .. args[2], '')
  return int(before)
end

redis.register_function { function_name = 'h1_publish', callback = publish, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_publish_news', callback = publish_news, flags = { 'allow-oom' } }

redis.register_function {
  function_name = 'hongyan1_revision',
  callback = function() return @REVISION@ end,
  flags = { 'no-writes' },
}
