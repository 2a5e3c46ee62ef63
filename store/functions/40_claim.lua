-- Claims are leases on chunks with an epoch (fencing).
--
-- A chunk is c:N (what its recipients are, compressed, never changed), s:N (one byte per recipient: its
-- state), w:N (hash, only for those that wait or are held: "due first_attempt attempts", with " u" behind it when in
-- doubt) and r:N (log of replies).
-- chunks[N] = "group epoch engine claimed_at" (engine -: nobody); leases: N -> lease end; due:GROUP: N -> when something is claimable.
--
-- State bytes: q queued · w queued, not before its due time · c claimed · f in flight · u in doubt ·
-- d deferred · D delivered · B bounced · S suppressed · I invalid · U duplicate · X expired ·
-- C cancelled · H held.
--
-- One price is reserved for each f, u and H, and for a c that was in doubt: until an attempt is settled, the message
-- before it may have been accepted.

local COUNTER = { q = 'queued', w = 'queued', c = 'claimed', f = 'in_flight', u = 'in_doubt', d = 'deferred',
  D = 'delivered', B = 'bounced', S = 'suppressed', I = 'invalid', U = 'duplicate', X = 'expired',
  C = 'cancelled', H = 'held' }

local function chunk_meta(p, n)
  local meta = call('HGET', p .. 'chunks', n)
  if not meta then return nil end
  local group, epoch, engine, claimed_at = string.match(meta, '^(%d+) (%d+) (%S+) (%d+)$')
  return group, tonumber(epoch), engine, claimed_at
end

-- Whether a chunk's record says that the engine has it under this epoch; group and time are not looked at.
local function is_leased(meta, epoch, engine)
  return meta and string.find(meta, ' ' .. int(epoch) .. ' ' .. engine .. ' ', 1, true) ~= nil
end

local function set_chunk_meta(p, n, group, epoch, engine, claimed_at)
  call('HSET', p .. 'chunks', n, group .. ' ' .. int(epoch) .. ' ' .. engine .. ' ' .. claimed_at)
end

local function due_of(wait)
  return tonumber(string.match(wait, '^%d+'))
end

local function is_doubtful(wait)
  return wait and string.sub(wait, -1) == 'u' or false
end

local function holds_price(state, doubtful)
  return state == 'f' or state == 'u' or state == 'H' or (state == 'c' and doubtful)
end

-- What a recipient nobody will try again becomes; nil while its job may still send.
local function closed_as(j, now)
  if j.state == 'cancelled' then return 'C' end
  if j.expires_at > 0 and now >= j.expires_at then return 'X' end
  return nil
end

-- After the last claimed recipient of a chunk has left: when is something of it due again?
local function close_lease(p, n, group, epoch, s)
  call('ZREM', p .. 'leases', n)
  set_chunk_meta(p, n, group, epoch, '-', '0')
  local due
  if string.find(s, 'q', 1, true) then
    due = 0
  elseif string.find(s, '[wdu]') then
    local all = call('HGETALL', p .. 'w:' .. n)
    for i = 1, #all, 2 do
      local index = tonumber(all[i]) + 1
      local at = due_of(all[i + 1])
      if string.find(string.sub(s, index, index), '[wdu]') and (not due or at < due) then due = at end
    end
  end
  if due then
    call('ZADD', p .. 'due:' .. group, due, n)
  else
    call('ZREM', p .. 'due:' .. group, n)
    if not string.find(s, 'H', 1, true) then call('DEL', p .. 'w:' .. n) end
    -- Nothing is appended any more: without the room that APPEND reserves.
    local replies = call('GET', p .. 'r:' .. n)
    if replies then call('SET', p .. 'r:' .. n, replies) end
  end
end

-- What a recipient becomes that is given back without an attempt.
local function unclaimed_state(p, n, index, j, now)
  local wait = call('HGET', p .. 'w:' .. n, index)
  local closed = closed_as(j, now)
  if is_doubtful(wait) then return closed and 'H' or 'u' end
  if closed then
    if wait then call('HDEL', p .. 'w:' .. n, index) end
    return closed
  end
  if not wait then return 'q' end
  return string.match(wait, '(%d+)$') == '0' and 'w' or 'd'
end

-- In doubt: the answer will never be known. Held by policy, otherwise sent again after the delay.
local function doubt_state(p, n, index, j, now)
  j.doubted = j.doubted + 1
  local wait = call('HGET', p .. 'w:' .. n, index)
  local first, attempts = string.match(wait or '', '^%d+ (%d+) (%d+)')
  -- Messages carry this time as Date, so a resend is the same message: of the first claim that led to an attempt, or
  -- to a postponement.
  if not first or first == '0' then first = select(4, chunk_meta(p, n)) end
  call('HSET', p .. 'w:' .. n, index,
    int(now + j.doubt_delay_ms) .. ' ' .. first .. ' ' .. int((tonumber(attempts) or 0) + 1) .. ' u')
  return (j.hold_doubt == 1 or closed_as(j, now)) and 'H' or 'u'
end

-- Takes chunk `n` back from an engine that let its lease run out.
local function reap_chunk(p, n, j, now)
  local group, epoch = chunk_meta(p, n)
  local s = call('GET', p .. 's:' .. n) or ''
  local out = {}
  for i = 1, #s do
    local c = string.sub(s, i, i)
    local to = c
    if c == 'c' then
      to = unclaimed_state(p, n, i - 1, j, now)
    elseif c == 'f' then
      to = doubt_state(p, n, i - 1, j, now)
      j.attempts = j.attempts + 1
    end
    if to ~= c then
      j[COUNTER[c]] = j[COUNTER[c]] - 1
      j[COUNTER[to]] = j[COUNTER[to]] + 1
    end
    out[i] = to
  end
  s = table.concat(out)
  call('SET', p .. 's:' .. n, s)
  close_lease(p, n, group, epoch, s)
end

local function reap(p, key, j, now, most)
  local late = call('ZRANGEBYSCORE', p .. 'leases', '-inf', '(' .. int(now), 'LIMIT', 0, most)
  for i = 1, #late do reap_chunk(p, late[i], j, now) end
  if #late > 0 then end_if_empty(p, j, now) end
  return #late
end

-- KEYS job. ARGV: engine, group, lease ms, random 0..1. A random one of the due chunks of the group.
-- nil, or {chunk, epoch, data, states, waits (index, "due first attempts state", ...), claimed at}; claimed ones are c.
local function claim(keys, args)
  check_engine(args[1])
  local key, p = keys[1], prefix_of(keys[1])
  local now = now_ms()
  local gate = load(key, { 'expires_at' }, { 'state' })
  if gate.state ~= 'running' or (gate.expires_at > 0 and now >= gate.expires_at) then return nil end
  local due_key = p .. 'due:' .. args[2]
  local due = call('ZCOUNT', due_key, '-inf', now)
  if due == 0 then return nil end
  local rank = math.floor(tonumber(args[4]) * due) % due
  local n = call('ZRANGE', due_key, rank, rank)[1]
  local j, before = load(key, { 'queued', 'claimed', 'in_doubt', 'deferred' }, {})
  local _, epoch = chunk_meta(p, n)
  epoch = epoch + 1
  local s = call('GET', p .. 's:' .. n)
  local waits = {}
  local claimed
  s, claimed = string.gsub(s, 'q', 'c')
  j.queued = j.queued - claimed
  if string.find(s, '[wdu]') then
    local out
    local all = call('HGETALL', p .. 'w:' .. n)
    for i = 1, #all, 2 do
      local index = tonumber(all[i]) + 1
      local c = string.sub(s, index, index)
      if (c == 'w' or c == 'd' or c == 'u') and due_of(all[i + 1]) <= now then
        if not out then
          out = {}
          for k = 1, #s do out[k] = string.sub(s, k, k) end
        end
        out[index] = 'c'
        claimed = claimed + 1
        j[COUNTER[c]] = j[COUNTER[c]] - 1
        waits[#waits + 1] = all[i]
        waits[#waits + 1] = c == 'u' and all[i + 1] or all[i + 1] .. ' ' .. c
      end
    end
    if out then s = table.concat(out) end
  end
  local group = args[2]
  if claimed == 0 then
    close_lease(p, n, group, epoch - 1, s)
    return nil
  end
  j.claimed = j.claimed + claimed
  call('SET', p .. 's:' .. n, s)
  call('ZREM', due_key, n)
  call('ZADD', p .. 'leases', now + tonumber(args[3]), n)
  set_chunk_meta(p, n, group, epoch, args[1], int(now))
  store_changes(key, before, j)
  return { n, epoch, call('GET', p .. 'c:' .. n), s, waits, now }
end

-- KEYS job. ARGV: engine, lease ms, then chunk, epoch pairs. Which of them (1|0) are still the engine's.
local function extend(keys, args)
  local p = prefix_of(keys[1])
  local now = now_ms()
  local kept = {}
  for i = 3, #args, 2 do
    local _, epoch, engine = chunk_meta(p, args[i])
    local mine = engine == args[1] and epoch == tonumber(args[i + 1])
    if mine then call('ZADD', p .. 'leases', 'XX', now + tonumber(args[2]), args[i]) end
    kept[#kept + 1] = mine and 1 or 0
  end
  return kept
end

-- KEYS job. ARGV: engine, chunk, epoch, lease ms, claimed at, then indexes the engine still holds or has settled
-- within the last seconds, each as "c INDEX" or "f INDEX". 1, or 0 when somebody else has the chunk. After Redis lost its last writes: puts the
-- lease back, so that marks and settles can be replayed.
local function restore(keys, args)
  local key, p = keys[1], prefix_of(keys[1])
  local n, epoch = args[2], tonumber(args[3])
  check_engine(args[1])
  local group, known, engine = chunk_meta(p, n)
  if not group or known > epoch or (known == epoch and engine ~= args[1] and engine ~= '-') then return 0 end
  local j, before = load(key, { 'queued', 'claimed', 'in_flight', 'in_doubt', 'deferred', 'reserved_micro_yuan',
    'price_micro_yuan' }, {})
  local s = call('GET', p .. 's:' .. n)
  local out = {}
  for i = 1, #s do out[i] = string.sub(s, i, i) end
  for i = 6, #args do
    local to, index = string.match(args[i], '^(%a) (%d+)$')
    index = tonumber(index) + 1
    local c = out[index]
    -- In doubt stays in doubt until its answer is replayed: it may be that, and is settled from there as well.
    if c == 'q' or c == 'w' or c == 'd' or c == 'c' or (c == 'u' and to == 'f') then
      j[COUNTER[c]] = j[COUNTER[c]] - 1
      j[COUNTER[to]] = j[COUNTER[to]] + 1
      if to == 'f' and c ~= 'u' and
          not (c == 'c' and is_doubtful(call('HGET', p .. 'w:' .. n, index - 1))) then
        j.reserved_micro_yuan = j.reserved_micro_yuan + j.price_micro_yuan
      end
      out[index] = to
    end
  end
  call('SET', p .. 's:' .. n, table.concat(out))
  call('ZREM', p .. 'due:' .. group, n)
  call('ZADD', p .. 'leases', now_ms() + tonumber(args[4]), n)
  set_chunk_meta(p, n, group, epoch, args[1], args[5])
  store_changes(key, before, j)
  return 1
end

-- KEYS job. What an engine needs to schedule it:
-- {field/value pairs of the job, {group, name, due chunks, next due, ...: groups with something waiting}, now}
local function view(keys)
  local p = prefix_of(keys[1])
  local names = call('HGETALL', p .. 'groups')
  local now = now_ms()
  local groups = {}
  for i = 1, #names, 2 do
    local key = p .. 'due:' .. names[i + 1]
    local next = call('ZRANGE', key, 0, 0, 'WITHSCORES')
    if next[1] then
      groups[#groups + 1] = names[i + 1]
      groups[#groups + 1] = names[i]
      groups[#groups + 1] = call('ZCOUNT', key, '-inf', now)
      groups[#groups + 1] = math.floor(tonumber(next[2]))
    end
  end
  return { call('HGETALL', keys[1]), groups, now }
end

redis.register_function { function_name = 'h1_claim', callback = claim }
redis.register_function { function_name = 'h1_extend', callback = extend, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_restore', callback = restore, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_view', callback = view, flags = { 'no-writes' } }
