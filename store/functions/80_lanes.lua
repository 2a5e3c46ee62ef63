-- Sources have one live owner; lanes lease their tokens here, so limits hold over engines and restarts. And what they saw of TLS.

-- KEYS source and, of engines that take them, its late signs. ARGV: engine, lease ms. {0, owner, ms left} | {1, engine, lease ms, field, count ...}: it
-- is the engine's, and so are the signs, which are gone from here.
local function own_source(keys, args)
  check_engine(args[1])
  local now = now_ms()
  local s = load(keys[1], { 'until' }, { 'owner' })
  if s.owner ~= args[1] and s.owner ~= '' and s['until'] > now then return { 0, s.owner, s['until'] - now } end
  call('HSET', keys[1], 'owner', args[1], 'until', now + tonumber(args[2]))
  local answer = { 1, args[1], tonumber(args[2]) }
  local signs = keys[2] and call('HGETALL', keys[2]) or {}
  if #signs > 0 then call('DEL', keys[2]) end
  for i = 1, #signs do answer[#answer + 1] = signs[i] end
  return answer
end

-- KEYS late signs of a source. ARGV: field. A source that no engine owns any more keeps them a week.
local function late_sign(keys, args)
  call('HINCRBY', keys[1], args[1], 1)
  call('EXPIRE', keys[1], 7 * 24 * 3600)
  return 'ok'
end

-- KEYS source. ARGV: engine. Gives it back on a clean stop.
local function disown_source(keys, args)
  if call('HGET', keys[1], 'owner') == args[1] then call('HDEL', keys[1], 'owner', 'until') end
  return 'ok'
end

-- KEYS lane's tokens. ARGV: wanted, then per rate: count, per ms, burst. GCRA as in scheduler/rate.h: in any interval of `per` at
-- most count + burst are granted. {granted, ms until one more is free (0 when granted)}
local function tokens(keys, args)
  local t = call('TIME')
  local now = tonumber(t[1]) * 1000000 + tonumber(t[2])
  local granted = tonumber(args[1])
  local wait = 0
  local tats, steps, names = {}, {}, {}
  for i = 2, #args, 3 do
    local step = tonumber(args[i + 1]) * 1000 / tonumber(args[i])
    local burst = tonumber(args[i + 2])
    local name = args[i] .. '/' .. args[i + 1]
    local tat = math.max(tonumber(call('HGET', keys[1], name) or '0'), now)
    local free = math.floor((now - tat) / step + 1e-9) + burst
    if free < granted then granted = math.max(free, 0) end
    if free < 1 then wait = math.max(wait, tat - (burst - 1) * step - now) end
    tats[#tats + 1], steps[#steps + 1], names[#names + 1] = tat, step, name
  end
  if granted > 0 and #names > 0 then
    local last = now
    for i = 1, #names do
      -- Whole microseconds, rounded against the sender.
      local tat = math.ceil(tats[i] + steps[i] * granted)
      call('HSET', keys[1], names[i], int(tat))
      last = math.max(last, tat)
    end
    call('PEXPIRE', keys[1], math.ceil((last - now) / 1000) + 1000)
  end
  return { granted, math.ceil(wait / 1000) }
end

-- KEYS a day's hash. ARGV: most fields, seconds to keep it, then field, count ... What is new when it is full becomes `unlisted`.
local function tls_sessions(keys, args)
  local free = tonumber(args[1]) - call('HLEN', keys[1])
  for i = 3, #args, 2 do
    local field = args[i]
    if call('HEXISTS', keys[1], field) == 0 then
      if free > 0 then free = free - 1 else field = 'unlisted' end
    end
    call('HINCRBY', keys[1], field, args[i + 1])
  end
  call('EXPIRE', keys[1], args[2])
  return 'ok'
end

redis.register_function { function_name = 'h1_own_source', callback = own_source, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_late_sign', callback = late_sign, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_disown_source', callback = disown_source, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_tokens', callback = tokens, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_tls_sessions', callback = tls_sessions }
