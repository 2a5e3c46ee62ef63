-- Intake and control of jobs.

-- A state a stopped job goes back to; scheduled jobs wait for send_at, planning ones for the canary.
local function state_to_resume(j, now)
  if j.send_at > now then return 'scheduled' end
  if j.canary_ready == 0 then return 'planning' end
  return 'running'
end

local CONTROL_NUMBERS = { 'send_at', 'canary_ready', 'list_complete', 'ended_at', 'queued', 'claimed',
  'in_flight', 'in_doubt', 'deferred', 'budget', 'breaker_n', 'breaker_bad', 'recent_n', 'recent_bad',
  'list_accepted', 'max_spend_micro_yuan', 'charged_micro_yuan', 'price_micro_yuan', 'held' }
local OPERATIONS = { pause = true, resume = true, cancel = true }

-- Applies one operation of an operator. Returns 'done' or the sentence that refuses it.
local function apply_control(p, op, actor, reason, budget)
  local key = p .. 'job'
  local j, before = load(key, CONTROL_NUMBERS, { 'state', 'reason', 'actor' })
  local now = now_ms()
  if FINAL_STATES[j.state] then
    if op == 'cancel' and j.state == 'cancelled' then return 'done' end
    return 'the job is ' .. j.state .. '; nothing can change it'
  end
  local note = reason ~= '' and reason or op .. ' by ' .. actor
  if op == 'pause' then
    if j.state == 'paused' then return 'done' end
    -- A pause must not be a way around the breaker: resuming would not judge its evidence.
    if j.state == 'tripped' then return 'the breaker has stopped the job; nothing is sent until resume' end
    set_state(p, j, 'paused', note)
  elseif op == 'resume' then
    if j.state == 'running' or j.state == 'planning' or j.state == 'scheduled' then return 'done' end
    if j.state == 'paused' and j.reason == 'max_spend' and is_spent(j) then
      return 'max_spend is used up; a job cannot spend more than it was given'
    end
    if j.state == 'paused' and j.reason == 'list-incomplete' then
      -- The operator accepts what came: the list ends here.
      j.list_accepted = 1
    end
    if j.state == 'tripped' then
      -- The evidence so far has been judged by a person: the rule starts anew.
      j.breaker_n, j.breaker_bad, j.recent_n, j.recent_bad = 0, 0, 0, 0
      call('DEL', p .. 'ring')
      j.budget = budget >= 0 and budget or -1
      emit(p, 'breaker.reset', { actor = actor, reason = reason, budget = j.budget })
    end
    set_state(p, j, state_to_resume(j, now), '')
  else
    set_state(p, j, 'cancelled', note)
    j.list_complete = 1
    end_if_empty(p, j, now)
  end
  j.actor = actor
  store_changes(key, before, j)
  return 'done'
end

-- KEYS job. ARGV: digest, document, price_micro_yuan, n, then n field/value pairs of the job hash.
-- created | same | differs | tombstone
local function intake(keys, args)
  local p = prefix_of(keys[1])
  local known = call('HMGET', keys[1], 'digest', 'tombstone')
  if known[1] then
    if known[1] ~= args[1] then return 'differs' end
    return known[2] and 'tombstone' or 'same'
  end
  local now = now_ms()
  local fields = { 'digest', args[1], 'created_at', now, 'state', 'planning', 'total', 0,
    'list_complete', 0, 'charged_micro_yuan', 0, 'budget', -1, 'attempts', 0, 'late_bounced', 0, 'complaints', 0,
    'unsubscribed', 0, 'opened', 0, 'clicked', 0, 'clicks', 0,
    'sent_after_trip', 0, 'doubted', 0, 'reason', '' }
  for _, name in ipairs({ 'queued', 'claimed', 'in_flight', 'in_doubt', 'deferred', 'delivered',
    'bounced', 'suppressed', 'invalid', 'duplicate', 'expired', 'cancelled', 'held' }) do
    fields[#fields + 1] = name
    fields[#fields + 1] = 0
  end
  for i = 3, #args do fields[#fields + 1] = args[i] end
  call('HSET', keys[1], unpack(fields))
  unpack_hash(keys[1])
  call('SET', p .. 'doc', args[2])
  call('PERSIST', p .. 'recipients')
  local send_at = load(keys[1], { 'send_at' }, {}).send_at
  if send_at > now then call('HSET', keys[1], 'state', 'scheduled') end
  emit(p, 'job.state', { state = send_at > now and 'scheduled' or 'planning' })
  -- Operations that arrived before their job.
  for _, item in ipairs(call('LRANGE', p .. 'control', 0, -1)) do
    local op = cjson.decode(item)
    local answer = apply_control(p, op.op, op.actor, op.reason, op.budget)
    emit(p, answer == 'done' and 'control.done' or 'control.refused',
      { op = op.op, actor = op.actor, reason = op.reason, answer = answer })
  end
  call('DEL', p .. 'control')
  return 'created'
end

-- KEYS job. ARGV: op, actor, reason, budget (-1: none). done | kept | why not
local function control(keys, args)
  local p = prefix_of(keys[1])
  if not OPERATIONS[args[1]] then return "unknown operation '" .. args[1] .. "': pause, resume or cancel" end
  local known = call('HMGET', keys[1], 'state', 'tombstone')
  if known[2] then return 'the job has been removed; nothing can change it' end
  if not known[1] then
    call('RPUSH', p .. 'control', cjson.encode({ op = args[1], actor = args[2], reason = args[3],
      budget = tonumber(args[4]) }))
    call('PEXPIRE', p .. 'control', 24 * 3600 * 1000)
    return 'kept'
  end
  return apply_control(p, args[1], args[2], args[3], tonumber(args[4]))
end

redis.register_function { function_name = 'h1_intake', callback = intake }
redis.register_function { function_name = 'h1_control', callback = control, flags = { 'allow-oom' } }
