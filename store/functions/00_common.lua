-- Shared by all functions of the library; the file names give the order they are joined in.
--
-- Every key of one job begins with hongyan:{ID}: (one slot). A function gets the job hash as KEYS[1]
-- and derives the others: docs/queue.md lists them. Time is always Redis' own.

-- redis.call does not exist yet while the library is being loaded.
local function call(...)
  return redis.call(...)
end

local function now_ms()
  local t = call('TIME')
  return tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end

-- hongyan:{ID}:job -> hongyan:{ID}:
local function prefix_of(job_key)
  return string.sub(job_key, 1, -4)
end

local function int(n)
  return string.format('%.0f', n)
end

-- The fields of a hash as a table of numbers (absent: 0) and, named in `texts`, of strings.
local function load(key, numbers, texts)
  local names = {}
  for i = 1, #numbers do names[i] = numbers[i] end
  for i = 1, #texts do names[#numbers + i] = texts[i] end
  local values = call('HMGET', key, unpack(names))
  local t = {}
  for i = 1, #numbers do t[numbers[i]] = tonumber(values[i]) or 0 end
  for i = 1, #texts do t[texts[i]] = values[#numbers + i] or '' end
  return t
end

-- Writes back the fields of `after` that differ from `before`.
local function store_changes(key, before, after)
  local args = {}
  for name, value in pairs(after) do
    if before[name] ~= value then
      args[#args + 1] = name
      args[#args + 1] = type(value) == 'number' and int(value) or value
    end
  end
  if #args > 0 then call('HSET', key, unpack(args)) end
end

-- An engine's name is a word in the records of leases; '-' there means nobody.
local function check_engine(name)
  if name == '-' or not string.find(name, '^%S+$') then
    error({ err = "ENGINE the name '" .. name .. "' must be one word and not -" })
  end
end

local function copy(t)
  local c = {}
  for k, v in pairs(t) do c[k] = v end
  return c
end

-- Events wait in the job's outbox (same slot, same atomic step) until an engine publishes them;
-- their number n makes publishing twice harmless.
local function emit_json(p, kind, data)
  local n = call('HINCRBY', p .. 'job', 'events_emitted', 1)
  call('RPUSH', p .. 'outbox',
    '{"n":' .. int(n) .. ',"type":"' .. kind .. '","at":"' .. int(now_ms()) .. '","data":' .. data .. '}')
end

local function emit(p, kind, data)
  emit_json(p, kind, cjson.encode(data))
end

local WAITING = { 'queued', 'claimed', 'in_flight', 'in_doubt', 'deferred' }
local FINAL_STATES = { done = true, cancelled = true }

-- A job ends when its list is complete and nobody waits. Cancelled jobs keep their state, expired ones
-- their reason.
local function end_if_empty(p, j, now)
  if j.list_complete ~= 1 or j.ended_at ~= 0 then return end
  for i = 1, #WAITING do
    if j[WAITING[i]] ~= 0 then return end
  end
  j.ended_at = now
  if j.state ~= 'cancelled' then
    j.state = 'done'
    if j.reason ~= 'expires_after' then j.reason = '' end
    emit(p, 'job.state', { state = 'done', reason = j.reason })
  end
end

-- Whether one more price fits into what the account has lent.
local function is_funded(j)
  return j.prepaid ~= 1 or
    j.charged_micro_yuan + j.reserved_micro_yuan + j.price_micro_yuan <= j.lent_micro_yuan - j.returned_micro_yuan
end

-- Whether max_spend leaves nothing for another recipient, even if all that are in flight come back unsent. Held
-- ones keep their price until an operator settles them.
local function is_spent(j)
  return j.max_spend_micro_yuan > 0 and
    j.charged_micro_yuan + (j.held + 1) * j.price_micro_yuan > j.max_spend_micro_yuan
end

local function set_state(p, j, state, reason)
  if j.state == state and j.reason == reason then return end
  j.state = state
  j.reason = reason
  emit(p, 'job.state', { state = state, reason = reason })
end
