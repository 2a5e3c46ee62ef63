-- Shared by all functions of the library; the file names give the order they are joined in.
--
-- Every key of one job begins with hongyan:{ID}: (one slot). A function gets the job hash as KEYS[1]
-- and derives the others: docs/queue.md lists them. Time is always Redis' own.

-- redis.call does not exist yet while the library is being loaded; the first call finds it, once for all.
local call
call = function(...)
  call = redis.call
  return call(...)
end

local function now_ms()
  local t = call('TIME')
  return tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end

-- hongyan:{ID}:job -> hongyan:{ID}:
local function prefix_of(job_key)
  return string.sub(job_key, 1, -4)
end

-- Exact up to 2^53, and half the price of %.0f.
local function int(n)
  return string.format('%d', n)
end

-- Some fields of a hash, as a table: numbers (absent: 0) and texts (absent: empty). What is read most often, and written
-- back, has a record of its own: its tables are built once and used by every call.
local function record(numbers, texts)
  local names = {}
  for i = 1, #numbers do names[i] = numbers[i] end
  for i = 1, #texts do names[#names + 1] = texts[i] end
  return { names = names, numbers = #numbers, before = {}, fields = {} }
end

-- Valid until the record is read again.
local function read(r, key)
  local names, before, fields = r.names, r.before, r.fields
  local values = call('HMGET', key, unpack(names))
  for i = 1, #names do
    local value = values[i]
    if i > r.numbers then
      value = value or ''
    else
      value = value and value ~= '0' and tonumber(value) or 0
    end
    before[i], fields[names[i]] = value, value
  end
  return fields
end

-- Writes back the fields that have changed since read().
local function write(r, key)
  local names, before, fields = r.names, r.before, r.fields
  local args, n = {}, 0
  for i = 1, #names do
    local value = fields[names[i]]
    if before[i] ~= value then
      args[n + 1], args[n + 2] = names[i], i > r.numbers and value or int(value)
      n = n + 2
    end
  end
  if n > 0 then call('HSET', key, unpack(args)) end
end

-- The fields of a hash as a table of numbers (absent: 0) and, named in `texts`, of strings. A second one with the same
-- contents is what store_changes compares with.
local function load(key, numbers, texts)
  local count = #numbers
  local values
  if #texts == 0 then
    values = call('HMGET', key, unpack(numbers))
  else
    local names = { unpack(numbers) }
    for i = 1, #texts do names[count + i] = texts[i] end
    values = call('HMGET', key, unpack(names))
  end
  local t, before = {}, {}
  for i = 1, count do
    local value = values[i]
    value = value and value ~= '0' and tonumber(value) or 0
    t[numbers[i]], before[numbers[i]] = value, value
  end
  for i = 1, #texts do
    local value = values[count + i] or ''
    t[texts[i]], before[texts[i]] = value, value
  end
  return t, before
end

-- Writes back the fields of `after` that differ from `before`.
local function store_changes(key, before, after)
  local args, n = {}, 0
  for name, value in pairs(after) do
    if before[name] ~= value then
      args[n + 1], args[n + 2] = name, type(value) == 'number' and int(value) or value
      n = n + 2
    end
  end
  if n > 0 then call('HSET', key, unpack(args)) end
end

-- Redis packs a small hash into a list and walks along it to find a field: 40 of 66 fields, or 8 of 400 chunks, cost 5 to 8 us.
-- One long value makes it a table, in which they are found in half the time. It reads as the record of a chunk that
-- nobody has.
local LONG_VALUE = 65
local function unpack_hash(key)
  call('HSET', key, 'unpacked', '0 0 - ' .. string.rep('0', LONG_VALUE))
end

-- An engine's name is a word in the records of leases; '-' there means nobody.
local function check_engine(name)
  if name == '-' or not string.find(name, '^%S+$') then
    error({ err = "ENGINE the name '" .. name .. "' must be one word and not -" })
  end
end

-- Events wait in the job's outbox (same slot, same atomic step) until an engine publishes them;
-- their number n makes publishing twice harmless.
local function emit_all(p, kind, all, now)
  local first = call('HINCRBY', p .. 'job', 'events_emitted', #all) - #all
  local head = '","at":"' .. int(now) .. '","data":'
  for i = 1, #all do all[i] = '{"n":' .. int(first + i) .. ',"type":"' .. kind .. head .. all[i] .. '}' end
  call('RPUSH', p .. 'outbox', unpack(all))
end

local function emit(p, kind, data)
  emit_all(p, kind, { cjson.encode(data) }, now_ms())
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
