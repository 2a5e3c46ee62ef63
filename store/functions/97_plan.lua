-- Follow-up plans (plan/README.md). Keys of one plan carry the hash tag {P}: hongyan:{P}:plan and, derived from it,
-- due, contacts, contact:ADDRESS, outbox, batch:N, open, sent, company:DOMAIN.
--
-- A contact is waiting, sending, done or stopped; the counters of these names in the plan's hash add up to `contacts`.

do
  local PLAN_ENDED = { stopped = true }

  local function plan_prefix(key)
    return string.sub(key, 1, -5)
  end

  local function move(key, contact, from, to)
    call('HSET', contact, 'state', to)
    call('HINCRBY', key, from, -1)
    call('HINCRBY', key, to, 1)
  end

  -- KEYS plan. ARGV: digest, field, value ... created | same | differs
  local function plan_create(keys, args)
    local known = call('HGET', keys[1], 'first_digest')
    if known then return known == args[1] and 'same' or 'differs' end
    call('HSET', keys[1], 'first_digest', args[1], 'digest', args[1], 'state', 'running', 'created_at', int(now_ms()),
      'batch', '1', 'revision', '1', 'contacts', '0', 'waiting', '0', 'sending', '0', 'done', '0', 'stopped', '0',
      unpack(args, 2))
    return 'created'
  end

  -- KEYS plan. ARGV: digest, document. edited | same | unknown | ended. Whoever waits is looked at again at once.
  local function plan_edit(keys, args)
    local t = load(keys[1], {}, { 'state', 'digest' })
    if t.state == '' then return 'unknown' end
    if PLAN_ENDED[t.state] then return 'ended' end
    if t.digest == args[1] then return 'same' end
    local p = plan_prefix(keys[1])
    call('HSET', keys[1], 'digest', args[1], 'document', args[2])
    call('HINCRBY', keys[1], 'revision', 1)
    local now = int(now_ms())
    for _, address in ipairs(call('ZRANGE', p .. 'due', 0, -1)) do call('ZADD', p .. 'due', now, address) end
    return 'edited'
  end

  -- KEYS plan. ARGV: running|paused|stopped, actor, reason. done | unknown | ended
  local function plan_turn(keys, args)
    local state = call('HGET', keys[1], 'state')
    if not state then return 'unknown' end
    if PLAN_ENDED[state] and state ~= args[1] then return 'ended' end
    call('HSET', keys[1], 'state', args[1], 'actor', args[2], 'reason', args[3])
    return 'done'
  end

  -- KEYS plan. ARGV: per contact: address, as given, time zone, variables (JSON), company (empty: none). How many are new.
  local function plan_add(keys, args)
    local p, now, new = plan_prefix(keys[1]), int(now_ms()), 0
    local state = call('HGET', keys[1], 'state')
    if not state or PLAN_ENDED[state] then return -1 end
    for i = 1, #args, 5 do
      local contact = p .. 'contact:' .. args[i]
      if call('HSETNX', contact, 'state', 'waiting') == 1 then
        call('HSET', contact, 'to', args[i + 1], 'tz', args[i + 2], 'vars', args[i + 3], 'company', args[i + 4],
          'steps', '0', 'joined_at', now)
        call('ZADD', p .. 'contacts', now, args[i])
        call('ZADD', p .. 'due', now, args[i])
        new = new + 1
      end
    end
    if new > 0 then
      call('HINCRBY', keys[1], 'contacts', new)
      call('HINCRBY', keys[1], 'waiting', new)
    end
    return new
  end

  -- KEYS plan. ARGV: most contacts. {now, plan's fields, batches to hand over, contacts that are due}
  local CONTACT_FIELDS = { 'to', 'tz', 'vars', 'company', 'steps', 'joined_at', 'last_at' }
  local function plan_look(keys, args)
    local p, now = plan_prefix(keys[1]), now_ms()
    local due = {}
    if call('HGET', keys[1], 'state') == 'running' then
      for _, address in ipairs(call('ZRANGEBYSCORE', p .. 'due', '-inf', int(now), 'LIMIT', 0, args[1])) do
        local fields = call('HMGET', p .. 'contact:' .. address, unpack(CONTACT_FIELDS))
        for i = 1, #CONTACT_FIELDS do fields[i] = fields[i] or '' end
        due[#due + 1] = { address, unpack(fields) }
      end
    end
    return { int(now), call('HGETALL', keys[1]), call('HGETALL', p .. 'outbox'), due }
  end

  -- When there will be room in a day's log again; 0: now.
  local function full_until(log, now, day, cap)
    if cap == 0 then return 0 end
    call('ZREMRANGEBYSCORE', log, '-inf', int(now - day))
    local count = call('ZCARD', log)
    if count < cap then return 0 end
    return tonumber(call('ZRANGE', log, count - cap, count - cap, 'WITHSCORES')[2]) + day
  end

  -- KEYS plan. ARGV: batch, job, revision, step, cap of the plan, cap of a company (0: none), how long a day is (ms), head
  -- and tail of the document, then per contact: address, company (empty: none), its line (JSON). The batch takes the
  -- number when anybody is in it; the document waits in the outbox until it was handed over. How many are in it; -1: somebody
  -- else was faster.
  local function plan_take(keys, args)
    local p, now = plan_prefix(keys[1]), now_ms()
    local batch, job, step, day = args[1], args[2], tonumber(args[4]), tonumber(args[7])
    local t = load(keys[1], { 'batch', 'revision' }, { 'state' })
    if t.state ~= 'running' or t.batch ~= tonumber(batch) or t.revision ~= tonumber(args[3]) then return -1 end
    local lines = {}
    for i = 10, #args, 3 do
      local address, company = args[i], args[i + 1]
      local contact = p .. 'contact:' .. address
      local c = load(contact, { 'steps' }, { 'state' })
      if c.state == 'waiting' and c.steps == step - 1 then
        local room = full_until(p .. 'sent', now, day, tonumber(args[5]))
        if room == 0 and company ~= '' then
          room = full_until(p .. 'company:' .. company, now, day, tonumber(args[6]))
        end
        if room > 0 then
          call('ZADD', p .. 'due', int(room), address)
        else
          lines[#lines + 1] = args[i + 2]
          local mark = batch .. ' ' .. address
          if tonumber(args[5]) > 0 then
            call('ZADD', p .. 'sent', int(now), mark)
            call('PEXPIRE', p .. 'sent', int(day))
          end
          if company ~= '' and tonumber(args[6]) > 0 then
            call('ZADD', p .. 'company:' .. company, int(now), mark)
            call('PEXPIRE', p .. 'company:' .. company, int(day))
          end
          move(keys[1], contact, 'waiting', 'sending')
          call('HSET', contact, 'job', job)
          call('ZREM', p .. 'due', address)
          call('SADD', p .. 'batch:' .. batch, address)
        end
      end
    end
    if #lines == 0 then return 0 end
    call('HINCRBY', keys[1], 'batch', 1)
    call('HINCRBY', keys[1], 'step:' .. step .. ':taken', #lines)
    call('HSET', p .. 'open', batch, job)
    call('HSET', p .. 'outbox', batch, args[8] .. table.concat(lines, ',') .. args[9])
    return #lines
  end

  -- KEYS plan. ARGV: address, job (empty: whatever it is), done | delivered | a reason to stop. What changed: '' or the new
  -- state. With a job: what became of that message, once.
  local function plan_contact(keys, args)
    local p = plan_prefix(keys[1])
    local address, job, what = args[1], args[2], args[3]
    local contact = p .. 'contact:' .. address
    local c = load(contact, { 'steps' }, { 'state', 'job' })
    if c.state == '' then return '' end
    if job ~= '' then
      if c.job ~= job then return '' end
      local delivered = what == 'delivered'
      call('HDEL', contact, 'job')
      call('SREM', p .. 'batch:' .. string.match(job, '%d+$'), address)
      call('HINCRBY', keys[1], 'step:' .. int(c.steps + 1) .. ':' .. (delivered and 'delivered' or 'failed'), 1)
      if delivered then
        local now = int(now_ms())
        call('HSET', contact, 'steps', int(c.steps + 1), 'last_at', now)
        if c.state == 'sending' then
          move(keys[1], contact, 'sending', 'waiting')
          call('ZADD', p .. 'due', now, address)
        end
        return 'waiting'
      end
    end
    if c.state ~= 'waiting' and c.state ~= 'sending' then return '' end
    if what == 'done' then
      if c.state ~= 'waiting' then return '' end
      move(keys[1], contact, 'waiting', 'done')
    else
      move(keys[1], contact, c.state, 'stopped')
      call('HSET', contact, 'reason', what)
      call('HINCRBY', keys[1], 'stopped:' .. what, 1)
    end
    call('HSET', contact, 'ended_at', int(now_ms()))
    call('ZREM', p .. 'due', address)
    return what == 'done' and 'done' or 'stopped'
  end

  -- KEYS plan. ARGV: address. Erases a contact; what was sent stays counted. 1 | 0: not in the plan | -1: a message is on
  -- its way, later
  local function plan_forget(keys, args)
    local p, address = plan_prefix(keys[1]), args[1]
    local contact = p .. 'contact:' .. address
    local c = load(contact, {}, { 'state', 'reason', 'company', 'job' })
    if c.state == '' then return 0 end
    if c.job ~= '' then return -1 end
    call('HINCRBY', keys[1], 'contacts', -1)
    call('HINCRBY', keys[1], c.state, -1)
    if c.state == 'stopped' then call('HINCRBY', keys[1], 'stopped:' .. c.reason, -1) end
    call('UNLINK', contact)
    call('ZREM', p .. 'contacts', address)
    call('ZREM', p .. 'due', address)
    for _, log in ipairs({ p .. 'sent', p .. 'company:' .. c.company }) do
      for _, mark in ipairs(call('ZRANGE', log, 0, -1)) do
        if string.match(mark, ' (.*)') == address then call('ZREM', log, mark) end
      end
    end
    return 1
  end

  redis.register_function { function_name = 'h1_followup_create', callback = plan_create }
  redis.register_function { function_name = 'h1_followup_edit', callback = plan_edit }
  redis.register_function { function_name = 'h1_followup_turn', callback = plan_turn, flags = { 'allow-oom' } }
  redis.register_function { function_name = 'h1_followup_add', callback = plan_add }
  redis.register_function { function_name = 'h1_followup_look', callback = plan_look, flags = { 'no-writes' } }
  redis.register_function { function_name = 'h1_followup_take', callback = plan_take }
  redis.register_function { function_name = 'h1_followup_contact', callback = plan_contact, flags = { 'allow-oom' } }
  redis.register_function { function_name = 'h1_followup_forget', callback = plan_forget, flags = { 'allow-oom' } }
end
