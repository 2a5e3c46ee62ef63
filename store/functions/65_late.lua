-- What comes back after the answer: bounces by mail, complaints, unsubscribes.

local LATE = { bounce = 'late_bounced', complaint = 'complaints', unsubscribe = 'unsubscribed' }

-- What was counted as an accepted message was a bad address. Of the ring any good outcome gives way: it is only
-- counted.
local function breaker_corrects(p, j)
  j.breaker_bad = math.min(j.breaker_bad + 1, j.breaker_n)
  local good = string.find(call('GET', p .. 'ring') or '', '0', 1, true)
  if good then
    call('SETRANGE', p .. 'ring', good - 1, '1')
    j.recent_bad = j.recent_bad + 1
  end
end

-- KEYS job. ARGV: bounce|complaint|unsubscribe, chunk, index, invalid address (0|1), event, suppression (insides of
-- JSON objects; the second may be empty), enhanced code. counted | known (told before) | gone (no such recipient any more)
-- No state and no charge changes: the message was accepted.
local function late(keys, args)
  local key, p = keys[1], prefix_of(keys[1])
  local kind, n, index = args[1], args[2], tonumber(args[3])
  if call('HEXISTS', key, 'tombstone') == 1 then return 'gone' end
  local state = call('GETRANGE', p .. 's:' .. n, index, index)
  if state == '' then return 'gone' end
  local now = now_ms()
  local mark = int(now) .. ' ' .. (args[7] or '')
  if call('HSETNX', p .. 'late', n .. ' ' .. index .. ' ' .. kind, mark) == 0 then return 'known' end
  local j, before = load(key, { LATE[kind], 'breaker_n', 'breaker_bad', 'recent_n', 'recent_bad', 'in_flight' },
    { 'state', 'reason' })
  j[LATE[kind]] = j[LATE[kind]] + 1
  if args[4] == '1' and state == 'D' then
    breaker_corrects(p, j)
    if j.state == 'running' and breaker_trips(j.breaker_n, j.breaker_bad, j.recent_n, j.recent_bad) then
      trip(p, j, 'invalid-address rate')
    end
  end
  emit_all(p, 'recipient.late', { '{"kind":"' .. kind .. '",' .. args[5] .. '}' }, now)
  if args[6] ~= '' then emit_all(p, 'suppression.added', { '{' .. args[6] .. '}' }, now) end
  store_changes(key, before, j)
  return 'counted'
end

-- KEYS job. ARGV: open|click, chunk, index, link, event (inside of a JSON object; empty: none is wanted). counted |
-- known | gone. Each recipient opens once, clicks once, and clicks each link once; who clicks has opened.
local LINKS = 64
local function seen(keys, args)
  local key, p = keys[1], prefix_of(keys[1])
  local kind, n, index, link = args[1], args[2], tonumber(args[3]), tonumber(args[4])
  if call('HEXISTS', key, 'tombstone') == 1 or link >= LINKS then return 'gone' end
  if call('GETRANGE', p .. 's:' .. n, index, index) == '' then return 'gone' end
  local first = call('SETBIT', p .. 'o:' .. n, index, 1) == 0
  if first then call('HINCRBY', key, 'opened', 1) end
  if kind == 'click' then
    local bytes = LINKS / 8
    local before = call('GETRANGE', p .. 'k:' .. n, index * bytes, index * bytes + bytes - 1)
    first = call('SETBIT', p .. 'k:' .. n, index * LINKS + link, 1) == 0
    if not string.find(before, '[^%z]') then call('HINCRBY', key, 'clicked', 1) end
    if first then call('HINCRBY', key, 'clicks', 1) end
  end
  if not first then return 'known' end
  if args[5] ~= '' then
    emit_all(p, kind == 'click' and 'recipient.clicked' or 'recipient.opened', { '{' .. args[5] .. '}' }, now_ms())
  end
  return 'counted'
end

redis.register_function { function_name = 'h1_seen', callback = seen }
redis.register_function { function_name = 'h1_late', callback = late, flags = { 'allow-oom' } }
