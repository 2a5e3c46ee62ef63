-- Planning: recipients become chunks. One planner per job (a lease with an epoch); the place it has
-- reached in the list lives here, so that another engine goes on where a dead one stopped.

local PLAN_LEASE_MS = 10000
-- Seen blocks are a bitmap: a larger number would make it large.
local MOST_BLOCKS = 16777216

-- Fingerprints live in buckets small enough for Redis' packed integer sets (8 bytes each). A job's
-- buckets grow with it: generation g has 2^BITS[g] of them and takes 256 fingerprints each.
local BITS = { 4, 8, 12, 16, 20 }

local function generation(count)
  for g = 1, #BITS do
    if count < 256 * 2 ^ BITS[g] then return g end
  end
  return #BITS
end

-- The bucket of a fingerprint; doubles round the highest ones up to 2^63.
local function bucket_of(p, value, g)
  local size = 2 ^ BITS[g]
  return p .. 'fp:' .. g .. ':' .. math.min(math.floor(value / 2 ^ 63 * size), size - 1)
end

-- True when the fingerprint (63 bits, decimal) was seen before in this job.
local function seen_before(p, fingerprint, current)
  local value = tonumber(fingerprint)
  for g = 1, current - 1 do
    if call('SISMEMBER', bucket_of(p, value, g), fingerprint) == 1 then return true end
  end
  return call('SADD', bucket_of(p, value, current), fingerprint) == 0
end

-- Drops fingerprints of a complete list, at most so many buckets. True when some are left.
local function forget_fingerprints(p, j, most)
  if j.fingerprints == 0 then return false end
  local first = 0
  for g = 1, generation(j.fingerprints) do
    local size = 2 ^ BITS[g]
    while most > 0 and j.buckets_dropped < first + size do
      call('UNLINK', p .. 'fp:' .. g .. ':' .. (j.buckets_dropped - first))
      j.buckets_dropped = j.buckets_dropped + 1
      most = most - 1
    end
    first = first + size
  end
  return j.buckets_dropped < first
end

-- KEYS job. ARGV: engine. Takes or keeps the planner's lease.
-- {epoch, items of the step begun (0: none), its first chunk, items on the list}, or nil when another engine plans or
-- there is nothing to plan any more.
local function plan_lease(keys, args)
  check_engine(args[1])
  local p = prefix_of(keys[1])
  local j = load(keys[1], { 'plan_until', 'plan_epoch', 'plan_step', 'chunks', 'plan_first', 'list_complete' },
    { 'plan_owner', 'state' })
  local now = now_ms()
  if j.list_complete == 1 or FINAL_STATES[j.state] or j.state == '' then return nil end
  if j.plan_owner ~= args[1] then
    if j.plan_until > now then return nil end
    j.plan_epoch = j.plan_epoch + 1
  end
  call('HSET', keys[1], 'plan_owner', args[1], 'plan_epoch', j.plan_epoch, 'plan_until',
    now + PLAN_LEASE_MS)
  return { j.plan_epoch, j.plan_step, j.plan_first, call('LLEN', p .. 'recipients') }
end

local function planner_is(keys, engine, epoch)
  local j = call('HMGET', keys[1], 'plan_owner', 'plan_epoch', 'state', 'list_complete')
  return j[1] == engine and j[2] == epoch and not FINAL_STATES[j[3]] and j[4] ~= '1'
end

-- KEYS job. ARGV: engine, epoch, items. Begins a step over the first `items` items of the list (0: the
-- document's own recipients). A step begun by a dead planner is repeated with the same items, so its
-- chunks get the same numbers. Which domains have groups of their own is part of that: the names of the groups there
-- were before the step come with the answer, whatever a dead planner has added since.
-- {items, first chunk, lines planned before the step, group names}
local function plan_begin(keys, args)
  if not planner_is(keys, args[1], args[2]) then return nil end
  local j = load(keys[1], { 'plan_step', 'chunks', 'plan_first', 'plan_begun', 'plan_lines', 'plan_groups',
    'planning_since', 'total', 'groups' }, {})
  if j.plan_begun == 0 then
    j.plan_step = tonumber(args[3])
    j.plan_first = j.chunks
    j.plan_lines = j.total
    j.plan_groups = j.groups
    call('HSET', keys[1], 'plan_begun', 1, 'plan_step', j.plan_step, 'plan_first', j.plan_first, 'plan_lines',
      j.plan_lines, 'plan_groups', j.plan_groups)
    if j.planning_since == 0 then call('HSET', keys[1], 'planning_since', now_ms()) end
  end
  local known = call('HGETALL', prefix_of(keys[1]) .. 'groups')
  local names = {}
  for i = 1, #known, 2 do
    if tonumber(known[i + 1]) <= j.plan_groups then names[#names + 1] = known[i] end
  end
  return { j.plan_step, j.plan_first, j.plan_lines, names }
end

-- KEYS job. ARGV: engine, epoch, chunk number, group (a domain, or * for mixed), data, states (q, S or I a
-- recipient), replies (why, for each S), then a fingerprint for each q and S. {duplicates} or nil; writing a chunk
-- twice does nothing.
local function plan_chunk(keys, args)
  if not planner_is(keys, args[1], args[2]) then return nil end
  local p = prefix_of(keys[1])
  local number = tonumber(args[3])
  local j, before = load(keys[1], { 'chunks', 'queued', 'suppressed', 'invalid', 'duplicate', 'total', 'fingerprints',
    'groups' }, {})
  if number < j.chunks then
    -- Written before, by this planner or a dead one; other contents would lose recipients without a word.
    if call('STRLEN', p .. 's:' .. number) ~= #args[6] then
      return redis.error_reply('PLAN chunk ' .. number .. ' was planned with other recipients')
    end
    return { 0 }
  end
  if number > j.chunks then return redis.error_reply('PLAN chunk ' .. number .. ' comes before ' .. int(j.chunks)) end
  local out = {}
  local states = args[6]
  local next_fp = 8
  local duplicates, queued, suppressed = 0, 0, 0
  local current = generation(j.fingerprints)
  for i = 1, #states do
    local s = string.sub(states, i, i)
    if s ~= 'I' then
      if seen_before(p, args[next_fp], current) then
        s = 'U'
        duplicates = duplicates + 1
      elseif s == 'S' then
        suppressed = suppressed + 1
      else
        queued = queued + 1
      end
      next_fp = next_fp + 1
    end
    out[i] = s
  end
  local id = call('HGET', p .. 'groups', args[4])
  if not id then
    j.groups = j.groups + 1
    id = int(j.groups)
    call('HSET', p .. 'groups', args[4], id)
  end
  call('SET', p .. 'c:' .. number, args[5])
  call('SET', p .. 's:' .. number, table.concat(out))
  if suppressed > 0 then call('SET', p .. 'r:' .. number, args[7]) end
  if number == 0 then unpack_hash(p .. 'chunks') end
  call('HSET', p .. 'chunks', number, id .. ' 0 - 0')
  if queued > 0 then call('ZADD', p .. 'due:' .. id, 0, number) end
  j.chunks = number + 1
  j.queued = j.queued + queued
  j.duplicate = j.duplicate + duplicates
  j.suppressed = j.suppressed + suppressed
  j.invalid = j.invalid + (#states - queued - suppressed - duplicates)
  j.total = j.total + #states
  j.fingerprints = j.fingerprints + queued + suppressed
  store_changes(keys[1], before, j)
  return { duplicates }
end

-- KEYS job. ARGV: engine, epoch, blocks seen (space separated), complete 0|1. Ends the step: takes its
-- items off the list.
local function plan_commit(keys, args)
  if not planner_is(keys, args[1], args[2]) then return nil end
  local p = prefix_of(keys[1])
  local j, before = load(keys[1], { 'plan_step', 'queued', 'claimed', 'in_flight', 'in_doubt', 'deferred',
    'list_complete', 'ended_at' }, { 'state', 'reason' })
  for block in string.gmatch(args[3], '%d+') do
    if tonumber(block) >= MOST_BLOCKS then return redis.error_reply('PLAN block ' .. block .. ' is too large') end
  end
  if j.plan_step > 0 then call('LTRIM', p .. 'recipients', j.plan_step, -1) end
  for block in string.gmatch(args[3], '%d+') do call('SETBIT', p .. 'blocks', block, 1) end
  local now = now_ms()
  call('HSET', keys[1], 'plan_begun', 0, 'plan_step', 0, 'list_touched_at', now)
  if args[4] == '1' then
    j.list_complete = 1
    end_if_empty(p, j, now)
  end
  store_changes(keys[1], before, j)
  return 'ok'
end

-- KEYS job. ARGV: engine, epoch, reason. The list contradicts itself: the operator decides.
local function plan_stop(keys, args)
  if not planner_is(keys, args[1], args[2]) then return nil end
  local p = prefix_of(keys[1])
  local j, before = load(keys[1], {}, { 'state', 'reason' })
  if not FINAL_STATES[j.state] then set_state(p, j, 'paused', args[3]) end
  store_changes(keys[1], before, j)
  return 'ok'
end

redis.register_function { function_name = 'h1_plan_lease', callback = plan_lease }
redis.register_function { function_name = 'h1_plan_begin', callback = plan_begin }
redis.register_function { function_name = 'h1_plan_chunk', callback = plan_chunk }
redis.register_function { function_name = 'h1_plan_commit', callback = plan_commit, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_plan_stop', callback = plan_stop, flags = { 'allow-oom' } }
