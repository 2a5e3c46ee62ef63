-- The step between two messages of a connection: settle what was answered, mark what comes next.

local COMMIT = record({ 'price_micro_yuan', 'prepaid', 'lent_micro_yuan', 'reserved_micro_yuan',
  'charged_micro_yuan', 'max_spend_micro_yuan', 'budget', 'queued', 'claimed', 'in_flight', 'in_doubt',
  'deferred', 'delivered', 'bounced', 'suppressed', 'invalid', 'expired', 'cancelled', 'held', 'attempts', 'sent_after_trip',
  'breaker_n', 'breaker_bad', 'recent_n', 'recent_bad', 'hold_doubt', 'doubt_delay_ms', 'list_complete',
  'ended_at', 'charge_seq', 'returned_micro_yuan', 'expires_at', 'send_at', 'canary_ready', 'doubted' }, { 'state', 'reason' })
local NO_ATTEMPT = { r = true, p = true, S = true, I = true }

local function trip(p, j, why)
  local rate = j.breaker_n > 0 and j.breaker_bad / j.breaker_n or 0
  set_state(p, j, 'tripped', string.format('%s: %d of %d addresses invalid (%.2f %%, lower bound %.2f %%)', why,
    j.breaker_bad, j.breaker_n, rate * 100, j.breaker_n > 0 and wilson_lower(j.breaker_n, j.breaker_bad) * 100 or 0))
  emit(p, 'breaker.tripped', { n = j.breaker_n, bad = j.breaker_bad, rate = rate, in_flight = j.in_flight })
end

-- Why a claimed recipient may not be marked now, or nil. One letter each, see store/commit_batch.h. A doubtful one
-- holds its price already.
local function mark_refused(p, j, retry, doubtful, now)
  if j.state ~= 'running' or closed_as(j, now) then return 'P' end
  if not doubtful then
    local committed = j.charged_micro_yuan + j.reserved_micro_yuan
    if j.max_spend_micro_yuan > 0 and committed + j.price_micro_yuan > j.max_spend_micro_yuan then
      if is_spent(j) then set_state(p, j, 'paused', 'max_spend') end
      return 'M'
    end
    if not is_funded(j) then return 'F' end
  end
  if j.budget == 0 then
    trip(p, j, 'the budget of the resume is used up')
    return 'P'
  end
  if not retry then
    local out = j.in_flight + j.in_doubt
    if j.breaker_n < CANARY then out = out + j.deferred end
    if out >= allowed_out(j.breaker_n) then return 'C' end
  end
  return nil
end

-- The chunks a call is about, read in three commands however many there are: their records, their states, and
-- whether any of them has recipients that wait.
local WORDS = { m = 3, s = 6, e = 7, x = 8 }
local function read_chunks(p, args)
  local names, states, waits = {}, {}, {}
  local at, n = 5, 0
  while at <= #args do
    n = n + 1
    names[n], states[n], waits[n] = args[at], p .. 's:' .. args[at], p .. 'w:' .. args[at]
    local count = tonumber(args[at + 2])
    at = at + 3
    for _ = 1, count do at = at + WORDS[args[at]] end
  end
  if n == 0 then return {}, {}, false end
  return call('HMGET', p .. 'chunks', unpack(names)), call('MGET', unpack(states)), call('EXISTS', unpack(waits)) > 0
end

-- `s` with the letters of `fresh` (index -> letter; `touched` are its indexes) put in: the piece from the first of them
-- to the last, where it begins, and all of it. One string is built, not one for each letter.
local function put_letters(s, fresh, touched)
  table.sort(touched)
  local pieces, n = {}, 0
  local first, last = touched[1], 0
  for i = 1, #touched do
    local index = touched[i]
    if index ~= last then
      if last > 0 and index > last + 1 then
        n = n + 1
        pieces[n] = string.sub(s, last + 1, index - 1)
      end
      n = n + 1
      pieces[n] = fresh[index]
      last = index
    end
  end
  local middle = table.concat(pieces)
  return middle, first, string.sub(s, 1, first - 1) .. middle .. string.sub(s, last + 1)
end

-- KEYS job. ARGV: engine, day, end of that day (unix ms), day after it; then per chunk: number, epoch, count of
-- steps and the steps:
--   m INDEX RETRY(0|1)                                     mark
--   e INDEX OUTCOME EVIDENCE WAIT RESULT EVENT             settle and tell: EVENT is the inside of a JSON object
--   x INDEX OUTCOME EVIDENCE WAIT RESULT EVENT SUPPRESSION settle, suppress its address and tell: both are insides of
--                                                          JSON objects, EVENT may be empty
--   s INDEX OUTCOME EVIDENCE(a|b|-) WAIT RESULT            settle; OUTCOME D B X S I d u, or r (give back) or
--                                                          p (give back, not before); WAIT "due first attempts"
-- {state, in flight and in doubt and (in the canary) deferred, allowed out, marks (a letter each: f go, S stale,
--  P stopped, M max_spend, F funds, C canary), settles (a letter each: new state, or - stale)}
local function commit(keys, args)
  local key, p = keys[1], prefix_of(keys[1])
  local j = read(COMMIT, key)
  local now = now_ms()
  local price = j.price_micro_yuan
  local marks, settles, told, banned = {}, {}, {}, {}
  local charged = 0
  local ring = breaker_ring(p)
  local metas, states, some_wait = read_chunks(p, args)
  local at, visit, last = 5, 0, nil
  while at <= #args do
    local n, epoch, count = args[at], tonumber(args[at + 1]), tonumber(args[at + 2])
    at = at + 3
    visit = visit + 1
    local meta, s = metas[visit], states[visit] or ''
    -- Steps of an older epoch came before: what was read is what they have changed.
    if n == last then meta, s = call('HGET', p .. 'chunks', n), call('GET', p .. 's:' .. n) or '' end
    last = n
    local leased = is_leased(meta, epoch, args[1])
    local fresh, touched = {}, {}
    local results = {}
    local waiting = some_wait and call('EXISTS', p .. 'w:' .. n) == 1
    for _ = 1, count do
      local index = tonumber(args[at + 1]) + 1
      local c = fresh[index] or string.sub(s, index, index)
      local wait_before = waiting and call('HGET', p .. 'w:' .. n, index - 1)
      local doubtful = is_doubtful(wait_before)
      local held_price = holds_price(c, doubtful)
      local to
      if args[at] == 'm' then
        local refused
        if not leased or c ~= 'c' then
          refused = 'S'
        else
          refused = mark_refused(p, j, args[at + 2] == '1', held_price, now)
        end
        if refused then
          marks[#marks + 1] = refused
        else
          marks[#marks + 1] = 'f'
          to = 'f'
          if j.budget > 0 then j.budget = j.budget - 1 end
        end
        at = at + 3
      else
        local outcome, evidence, wait, result = args[at + 2], args[at + 3], args[at + 4], args[at + 5]
        local answered = outcome ~= 'r' and outcome ~= 'p'
        if (leased and (c == 'c' or c == 'f')) or (c == 'u' and answered and outcome ~= 'u') then
          to = outcome
          local closed = closed_as(j, now)
          if outcome == 'r' or (outcome == 'p' and closed) then
            to = unclaimed_state(p, n, index - 1, j, now)
          elseif outcome == 'p' then
            to = doubtful and 'u' or string.match(wait, '(%d+)$') == '0' and 'w' or 'd'
            call('HSET', p .. 'w:' .. n, index - 1, doubtful and wait .. ' u' or wait)
          elseif outcome == 'u' then
            to = doubt_state(p, n, index - 1, j, now)
          elseif outcome == 'd' and not closed then
            call('HSET', p .. 'w:' .. n, index - 1, wait)
          else
            if outcome == 'd' then to = closed end
            if wait_before then call('HDEL', p .. 'w:' .. n, index - 1) end
          end
          -- The same wait again is a replay of what Redis did not lose.
          local replayed = outcome == 'd' and wait == wait_before
          if not NO_ATTEMPT[outcome] and not replayed then j.attempts = j.attempts + 1 end
          if c == 'f' then
            if not answered and j.budget >= 0 then j.budget = j.budget + 1 end
            if answered and j.state == 'tripped' then j.sent_after_trip = j.sent_after_trip + 1 end
          end
          if to == 'D' then
            j.charged_micro_yuan = j.charged_micro_yuan + price
            charged = charged + 1
          end
          if result ~= '' then results[#results + 1] = result end
          if args[at] ~= 's' and args[at + 6] ~= '' and answered and not replayed then
            told[#told + 1] = '{"outcome":"' .. COUNTER[to] .. '",' .. args[at + 6] .. '}'
          end
          if args[at] == 'x' then banned[#banned + 1] = '{' .. args[at + 7] .. '}' end
          if evidence ~= '-' then
            breaker_count(ring, j, evidence == 'b' and 1 or 0)
            if j.state == 'running' and breaker_trips(j.breaker_n, j.breaker_bad, j.recent_n, j.recent_bad) then
              trip(p, j, 'invalid-address rate')
            end
          end
        end
        settles[#settles + 1] = to or '-'
        at = at + WORDS[args[at]]
      end
      if to then
        local holds_now = holds_price(to, false)
        if held_price and not holds_now then j.reserved_micro_yuan = j.reserved_micro_yuan - price end
        if holds_now and not held_price then j.reserved_micro_yuan = j.reserved_micro_yuan + price end
        j[COUNTER[c]] = j[COUNTER[c]] - 1
        j[COUNTER[to]] = j[COUNTER[to]] + 1
        fresh[index] = to
        touched[#touched + 1] = index
      end
    end
    if #touched > 0 then
      local piece, first
      piece, first, s = put_letters(s, fresh, touched)
      call('SETRANGE', p .. 's:' .. n, first - 1, piece)
      if #results > 0 then call('APPEND', p .. 'r:' .. n, table.concat(results)) end
      if leased and not string.find(s, '[cf]') then close_lease(p, n, string.match(meta, '^%d+'), epoch, s) end
    end
  end
  if charged > 0 then
    local day = now < tonumber(args[3]) and args[2] or args[4]
    call('HINCRBY', p .. 'days', day, charged)
    j.charge_seq = j.charge_seq + 1
  end
  breaker_save(ring)
  if #told > 0 then emit_all(p, 'recipient.outcome', told, now) end
  if #banned > 0 then emit_all(p, 'suppression.added', banned, now) end
  end_if_empty(p, j, now)
  write(COMMIT, key)
  local out = j.in_flight + j.in_doubt
  if j.breaker_n < CANARY then out = out + j.deferred end
  return { j.state, out, allowed_out(j.breaker_n), table.concat(marks), table.concat(settles) }
end

redis.register_function { function_name = 'h1_commit', callback = commit, flags = { 'allow-oom' } }
