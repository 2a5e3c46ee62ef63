-- What must happen to a job without any message: time passes, operators decide, keys grow old.

local LIST_SILENCE_MS = 24 * 3600 * 1000
local CANARY_PLANNED = 10000
local CANARY_WAIT_MS = 30000

-- KEYS job. ARGV: most chunks to reap or sweep. Moves the job's state on with time, takes back late leases, and
-- carries a cancel or an expiry through the chunks. {state, work left 0|1, ended_at}
local function tick(keys, args)
  local key, p = keys[1], prefix_of(keys[1])
  local j, before = load(key, { 'queued', 'claimed', 'in_flight', 'in_doubt', 'deferred', 'held', 'cancelled', 'expired',
    'hold_doubt', 'doubt_delay_ms', 'list_complete', 'ended_at', 'attempts', 'send_at', 'canary_ready', 'chunks',
    'planning_since', 'expires_at', 'sweep_at', 'list_touched_at', 'created_at', 'total', 'list_accepted',
    'prepaid', 'lent_micro_yuan', 'returned_micro_yuan', 'charged_micro_yuan', 'reserved_micro_yuan',
    'price_micro_yuan', 'fingerprints', 'buckets_dropped', 'doubted' }, { 'state', 'reason' })
  if j.state == '' then return nil end
  local now = now_ms()
  local most = tonumber(args[1])
  local left = reap(p, key, j, now, most) == most
  if j.canary_ready == 0 and j.chunks > 0 and (j.list_complete == 1 or j.total >= CANARY_PLANNED or
      now >= j.planning_since + CANARY_WAIT_MS) then
    j.canary_ready = 1
  end
  if j.state == 'scheduled' and now >= j.send_at then set_state(p, j, 'planning', '') end
  if j.state == 'planning' and j.canary_ready == 1 then set_state(p, j, 'running', '') end
  if (j.state == 'planning' or j.state == 'running') and j.list_complete == 0 and j.list_accepted == 0 then
    local touched = math.max(j.list_touched_at, j.created_at, j.send_at)
    -- Items that wait for a planner are no silence.
    if now >= touched + LIST_SILENCE_MS and call('LLEN', p .. 'recipients') == 0 then
      set_state(p, j, 'paused', 'list-incomplete')
    end
  end
  -- A bounce or an operator may have freed what was reserved.
  if j.state == 'unfunded' and is_funded(j) then set_state(p, j, state_to_resume(j, now), '') end
  -- Nobody will send these any more: chunk by chunk, so that no call is long.
  local expired = j.expires_at > 0 and now >= j.expires_at and not FINAL_STATES[j.state]
  if (j.state == 'cancelled' or expired) and j.ended_at == 0 then
    local to = expired and 'X' or 'C'
    if expired then
      j.list_complete = 1
      set_state(p, j, j.state, 'expires_after')
    end
    local last = math.min(j.sweep_at + most, j.chunks)
    for n = j.sweep_at, last - 1 do
      local s = call('GET', p .. 's:' .. n)
      if s and string.find(s, '[qwdu]') then
        local out = {}
        for i = 1, #s do
          local c = string.sub(s, i, i)
          local new = c
          if c == 'q' or c == 'w' or c == 'd' then new = to end
          if c == 'u' then new = 'H' end
          if new ~= c then
            j[COUNTER[c]] = j[COUNTER[c]] - 1
            j[COUNTER[new]] = j[COUNTER[new]] + 1
          end
          out[i] = new
        end
        call('SET', p .. 's:' .. n, table.concat(out))
        local group, epoch = chunk_meta(p, n)
        call('ZREM', p .. 'due:' .. group, n)
        if not call('ZSCORE', p .. 'leases', n) then
          close_lease(p, n, group, epoch, table.concat(out))
        end
      end
    end
    -- Recipients given back by engines after their chunk was swept make another round necessary.
    j.sweep_at = last
    if last >= j.chunks then
      if j.queued + j.deferred + j.in_doubt > 0 then j.sweep_at = 0 end
    end
    left = left or j.sweep_at < j.chunks
  end
  if j.list_complete == 1 then left = forget_fingerprints(p, j, most * 16) or left end
  end_if_empty(p, j, now)
  store_changes(key, before, j)
  return { j.state, left and 1 or 0, j.ended_at }
end

-- KEYS job. ARGV: number of the allotment, amount. Money lent by the tenant's account arrives.
local function fund(keys, args)
  local p = prefix_of(keys[1])
  local j, before = load(keys[1], { 'lend_number', 'lent_micro_yuan', 'returned_micro_yuan', 'charged_micro_yuan',
    'reserved_micro_yuan', 'price_micro_yuan', 'prepaid', 'send_at', 'canary_ready' }, { 'state', 'reason' })
  if tonumber(args[1]) == j.lend_number + 1 then
    j.lend_number = tonumber(args[1])
    j.lent_micro_yuan = j.lent_micro_yuan + tonumber(args[2])
  end
  if j.state == 'unfunded' and is_funded(j) then set_state(p, j, state_to_resume(j, now_ms()), '') end
  store_changes(keys[1], before, j)
  return int(j.lent_micro_yuan)
end

-- KEYS job. The account had not even one price to lend. The state: nothing changes when the job has money left.
local function unfunded(keys)
  local p = prefix_of(keys[1])
  local j, before = load(keys[1], { 'lent_micro_yuan', 'returned_micro_yuan', 'charged_micro_yuan', 'reserved_micro_yuan',
    'price_micro_yuan', 'prepaid' }, { 'state', 'reason' })
  if j.state == 'running' and not is_funded(j) then set_state(p, j, 'unfunded', 'the account cannot lend one price') end
  store_changes(keys[1], before, j)
  return j.state
end

-- KEYS job. After its end: how much of what was lent comes back, in all (repeating changes nothing).
local function unlend(keys)
  local j = load(keys[1], { 'ended_at', 'lent_micro_yuan', 'charged_micro_yuan', 'reserved_micro_yuan',
    'returned_micro_yuan' }, {})
  if j.ended_at ~= 0 then
    local back = j.lent_micro_yuan - j.charged_micro_yuan - j.reserved_micro_yuan
    if back > j.returned_micro_yuan then
      call('HSET', keys[1], 'returned_micro_yuan', back)
      j.returned_micro_yuan = back
    end
  end
  return int(j.returned_micro_yuan)
end

-- KEYS job. ARGV: chunk, index, delivered|resend|drop, result, day, its end (ms), the day after. An operator settles
-- one recipient in doubt or held. The new state letter, or the sentence that refuses it.
-- A held or doubtful recipient of an ended job can be sent again too: the job runs on for it.
local function doubt(keys, args)
  local key, p = keys[1], prefix_of(keys[1])
  local n, index = args[1], tonumber(args[2]) + 1
  local j = read(COMMIT, key)
  local s = call('GET', p .. 's:' .. n) or ''
  local c = string.sub(s, index, index)
  if c ~= 'u' and c ~= 'H' then return 'neither in doubt nor held' end
  local now = now_ms()
  local to
  local wait = p .. 'w:' .. n
  if args[3] == 'delivered' then
    to = 'D'
    j.charged_micro_yuan = j.charged_micro_yuan + j.price_micro_yuan
    j.charge_seq = j.charge_seq + 1
    call('HINCRBY', p .. 'days', now < tonumber(args[6]) and args[5] or args[7], 1)
    call('HDEL', wait, index - 1)
  elseif args[3] == 'drop' then
    to = 'C'
    call('HDEL', wait, index - 1)
  else
    if closed_as(j, now) then return 'the job is cancelled or has expired; nothing can be sent again' end
    -- Deferred and due at once, with the Date of its first attempt.
    to = 'd'
    call('HSET', wait, index - 1, int(now) .. string.match(call('HGET', wait, index - 1), ' %d+ %d+'))
    local group = chunk_meta(p, n)
    if not call('ZSCORE', p .. 'leases', n) then call('ZADD', p .. 'due:' .. group, 'LT', now, n) end
    if j.ended_at ~= 0 then
      j.ended_at = 0
      set_state(p, j, state_to_resume(j, now), '')
    end
  end
  j.reserved_micro_yuan = j.reserved_micro_yuan - j.price_micro_yuan
  j[COUNTER[c]] = j[COUNTER[c]] - 1
  j[COUNTER[to]] = j[COUNTER[to]] + 1
  call('SETRANGE', p .. 's:' .. n, index - 1, to)
  if args[4] ~= '' then call('APPEND', p .. 'r:' .. n, args[4]) end
  end_if_empty(p, j, now)
  write(COMMIT, key)
  return to
end

-- KEYS job. ARGV: chunk, its data as read, new data, its replies as read, new replies, then indexes of the recipients
-- that are erased by it. Whoever waits among them is suppressed. 'ok', 'changed' (read again) or 'busy' (an engine
-- has one of them in hand; nothing was done).
local function forget(keys, args)
  local key, p = keys[1], prefix_of(keys[1])
  local n = args[1]
  if (call('GET', p .. 'c:' .. n) or '') ~= args[2] or (call('GET', p .. 'r:' .. n) or '') ~= args[4] then
    return 'changed'
  end
  local s = call('GET', p .. 's:' .. n) or ''
  local j = read(COMMIT, key)
  for i = 6, #args do
    local c = string.sub(s, tonumber(args[i]) + 1, tonumber(args[i]) + 1)
    if c == 'c' or c == 'f' then return 'busy' end
  end
  for i = 6, #args do
    local index = tonumber(args[i])
    local c = string.sub(s, index + 1, index + 1)
    if c == 'q' or c == 'w' or c == 'd' or c == 'u' or c == 'H' then
      if holds_price(c, false) then j.reserved_micro_yuan = j.reserved_micro_yuan - j.price_micro_yuan end
      j[COUNTER[c]] = j[COUNTER[c]] - 1
      j.suppressed = j.suppressed + 1
      call('SETRANGE', p .. 's:' .. n, index, 'S')
      call('HDEL', p .. 'w:' .. n, index)
    end
  end
  call('SET', p .. 'c:' .. n, args[3])
  if args[5] ~= '' then call('SET', p .. 'r:' .. n, args[5]) end
  end_if_empty(p, j, now_ms())
  write(COMMIT, key)
  return 'ok'
end

-- KEYS job. ARGV: first chunk, count. Deletes chunks of a job whose retention is over; the rest of it goes with
-- h1_bury.
local function erase(keys, args)
  local p = prefix_of(keys[1])
  local first = tonumber(args[1])
  for n = first, first + tonumber(args[2]) - 1 do
    call('UNLINK', p .. 'c:' .. n, p .. 's:' .. n, p .. 'r:' .. n, p .. 'w:' .. n, p .. 'o:' .. n, p .. 'k:' .. n)
  end
  return 'ok'
end

-- KEYS job. ARGV: tombstone ms, then names of blobs. Only id and digest stay, so that the id cannot be used again.
local function bury(keys, args)
  local p = prefix_of(keys[1])
  local known = call('HMGET', keys[1], 'digest', 'tombstone')
  if not known[1] or known[2] then return 'ok' end
  local j = load(keys[1], { 'fingerprints', 'buckets_dropped' }, {})
  forget_fingerprints(p, j, math.huge)
  for _, id in ipairs(call('HVALS', p .. 'groups')) do call('UNLINK', p .. 'due:' .. id) end
  for i = 2, #args do call('UNLINK', p .. 'blob:' .. args[i]) end
  call('UNLINK', p .. 'doc', p .. 'groups', p .. 'chunks', p .. 'leases', p .. 'ring', p .. 'blocks', p .. 'days',
    p .. 'outbox', p .. 'recipients', p .. 'control', p .. 'late')
  call('DEL', keys[1])
  call('HSET', keys[1], 'digest', known[1], 'tombstone', 1)
  call('PEXPIRE', keys[1], args[1])
  return 'ok'
end

-- KEYS job. ARGV: ms. A list may come before its job; one whose job has not come, or is gone, does not stay for ever. Looking
-- again prolongs nothing, and intake makes it stay.
local function expire_list(keys, args)
  local known = call('HMGET', keys[1], 'digest', 'tombstone')
  if known[1] and not known[2] then return 0 end
  return call('PEXPIRE', prefix_of(keys[1]) .. 'recipients', args[1], 'NX')
end

-- KEYS job. ARGV: last event number published. Takes published events out of the outbox.
local function outbox_done(keys, args)
  local p = prefix_of(keys[1])
  local last = tonumber(args[1])
  while true do
    local first = call('LINDEX', p .. 'outbox', 0)
    if not first or cjson.decode(first).n > last then return 'ok' end
    call('LPOP', p .. 'outbox')
  end
end

redis.register_function { function_name = 'h1_tick', callback = tick, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_fund', callback = fund, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_unfunded', callback = unfunded, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_unlend', callback = unlend, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_doubt', callback = doubt, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_forget', callback = forget, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_erase', callback = erase, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_bury', callback = bury, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_expire_list', callback = expire_list, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_outbox_done', callback = outbox_done, flags = { 'allow-oom' } }
