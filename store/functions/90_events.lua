-- The public stream of events: numbered without gaps, so that a reader sees what trimming cost him.

-- KEYS hongyan:events, its numbers. ARGV: keep, job, then per event: n (0: of no job), type, at, tenant, data.
-- The last n applied of the job.
local function publish(keys, args)
  local job = args[2]
  local before = job ~= '' and tonumber(call('HGET', keys[2], 'job:' .. job) or '0') or 0
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
  if last > before then call('HSET', keys[2], 'job:' .. job, int(last)) end
  return int(last)
end

redis.register_function { function_name = 'h1_publish', callback = publish, flags = { 'allow-oom' } }

redis.register_function {
  function_name = 'hongyan1_revision',
  callback = function() return @REVISION@ end,
  flags = { 'no-writes' },
}
