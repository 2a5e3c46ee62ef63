-- Mailboxes that users have bound, and the letters that wait in them (mailbox/README.md). Keys of one mailbox carry the
-- hash tag {ADDRESS}: hongyan:{A}:mailbox and, derived from it, letters, letter:ID, outbox, sent-days, open.

local MAILBOX_KEPT_SECONDS = 90 * 24 * 3600 -- of an unbound one: its age and counters
local OUTBOX_KEPT = 2000

local function mailbox_prefix(key)
  return string.sub(key, 1, -8)
end

-- KEYS mailbox. ARGV: field, value ... Binds it, or binds it anew. The ms it was first bound at: age and counters
-- outlive unbinding.
local function mailbox_bind(keys, args)
  local now = now_ms()
  call('HSETNX', keys[1], 'bound_at', int(now))
  -- Who reads it begins anew, with the new servers and secret.
  call('HDEL', keys[1], 'unbound_at', 'not_before', 'learnt_cap', 'learnt_at', 'slowdown', 'slowed_at', 'answers', 'bad',
    'expires_at', 'expiry_told', 'sync_owner', 'sync_until', 'smtp_strikes', 'imap_strikes', 'oauth_strikes')
  call('HSET', keys[1], unpack(args))
  local p = mailbox_prefix(keys[1])
  for _, part in ipairs({ 'mailbox', 'letters', 'outbox', 'sent-days', 'open' }) do call('PERSIST', p .. part) end
  return call('HGET', keys[1], 'bound_at')
end

-- KEYS mailbox. Its secret goes at once, and what waits is cancelled. 1, or 0: it was not bound.
local function mailbox_unbind(keys)
  local status = call('HGET', keys[1], 'status')
  if not status or status == 'unbound' then return 0 end
  local p = mailbox_prefix(keys[1])
  for _, id in ipairs(call('ZRANGE', p .. 'letters', 0, -1)) do
    local key = p .. 'letter:' .. id
    if call('HGET', key, 'state') == 'queued' then -- what is on the wire still gets its answer
      call('HSET', key, 'state', 'cancelled', 'reply', 'the mailbox was unbound')
      call('HDEL', key, 'document')
    end
    call('EXPIRE', key, MAILBOX_KEPT_SECONDS)
  end
  call('UNLINK', p .. 'letters')
  call('HSET', keys[1], 'status', 'unbound', 'unbound_at', int(now_ms()))
  call('HDEL', keys[1], 'secret', 'reason', 'imap', 'smtp', 'label', 'expires_at', 'sync', 'sync_interval', 'sync_owner',
    'sync_until', 'uid_validity', 'uid_next', 'expiry_told', 'notify', 'notes', 'notice', 'notice_count', 'notice_to', 'noticed_at')
  call('UNLINK', p .. 'inbox', p .. 'news', p .. 'notes', p .. 'notice')
  for _, part in ipairs({ 'mailbox', 'outbox', 'sent-days', 'open' }) do
    call('EXPIRE', p .. part, MAILBOX_KEPT_SECONDS)
  end
  return 1
end

-- KEYS mailbox. ARGV: field, value ... ; an empty value deletes. 1, or 0: it is not bound.
local function mailbox_set(keys, args)
  local status = call('HGET', keys[1], 'status')
  if not status or status == 'unbound' then return 0 end
  for i = 1, #args, 2 do
    if args[i + 1] == '' then
      call('HDEL', keys[1], args[i])
    else
      call('HSET', keys[1], args[i], args[i + 1])
    end
  end
  return 1
end

-- KEYS mailbox. ARGV: who, lease ms. {1, ids that came into doubt} or {0}. One engine at a time writes from a mailbox.
-- `who` is new with each start of an engine: what an earlier one was sending has no answer any more.
local function mailbox_lease(keys, args)
  local now = now_ms()
  local m = load(keys[1], { 'lease_until' }, { 'owner', 'status' })
  if m.status == '' or m.status == 'unbound' then return { 0 } end
  if m.owner ~= args[1] and m.lease_until > now then return { 0 } end
  call('HSET', keys[1], 'owner', args[1], 'lease_until', int(now + tonumber(args[2])))
  local answer = { 1 }
  if m.owner == args[1] then return answer end
  local p = mailbox_prefix(keys[1])
  for _, id in ipairs(call('SMEMBERS', p .. 'open')) do
    call('HSET', p .. 'letter:' .. id, 'state', 'in_doubt', 'reply', 'the engine stopped before the answer came')
    call('ZREM', p .. 'letters', id)
    answer[#answer + 1] = id
  end
  call('UNLINK', p .. 'open')
  return answer
end

-- KEYS mailbox. ARGV: who. Gives it back.
local function mailbox_release(keys, args)
  if call('HGET', keys[1], 'owner') == args[1] then call('HDEL', keys[1], 'lease_until') end
  return 'ok'
end

-- KEYS mailbox. ARGV: id, digest, due (ms), field, value ... A letter that waits for its turn. created | same | differs |
-- unbound
local function letter_put(keys, args)
  local status = call('HGET', keys[1], 'status')
  if not status or status == 'unbound' then return 'unbound' end
  local p = mailbox_prefix(keys[1])
  local key = p .. 'letter:' .. args[1]
  local known = call('HGET', key, 'digest')
  if known then return known == args[2] and 'same' or 'differs' end
  local now = int(now_ms())
  call('HSET', key, 'digest', args[2], 'state', 'queued', 'at', now, 'attempts', '0', unpack(args, 4))
  call('ZADD', p .. 'letters', args[3], args[1])
  call('ZADD', p .. 'outbox', now, args[1])
  local over = call('ZCARD', p .. 'outbox') - OUTBOX_KEPT
  if over > 0 then
    for _, id in ipairs(call('ZRANGE', p .. 'outbox', 0, over - 1)) do
      if not call('ZSCORE', p .. 'letters', id) and call('SISMEMBER', p .. 'open', id) == 0 then
        call('ZREM', p .. 'outbox', id)
        call('UNLINK', p .. 'letter:' .. id)
      end
    end
  end
  return 'created'
end

-- KEYS mailbox. ARGV: who, id, date, most on that date. The durable note before end-of-data. go | lost (the lease is
-- another's, or the letter does not wait) | full
local function letter_mark(keys, args)
  local p = mailbox_prefix(keys[1])
  local m = load(keys[1], { 'lease_until' }, { 'owner' })
  if m.owner ~= args[1] or m.lease_until <= now_ms() then return 'lost' end
  local key = p .. 'letter:' .. args[2]
  if call('HGET', key, 'state') ~= 'queued' then return 'lost' end
  if tonumber(call('HGET', p .. 'sent-days', args[3]) or '0') >= tonumber(args[4]) then return 'full' end
  call('HINCRBY', p .. 'sent-days', args[3], 1)
  call('HSET', key, 'state', 'sending', 'marked_on', args[3], 'marked_by', args[1])
  call('SADD', p .. 'open', args[2])
  return 'go'
end

-- KEYS mailbox. ARGV: who, id, sent|bounced|queued|in_doubt|failed, due (ms, of a queued one), counts as an answer (0|1), bad
-- address (0|1), gives its place in the day back (0|1), field, value ... What became of an attempt. ok | lost
local function letter_settle(keys, args)
  local p = mailbox_prefix(keys[1])
  local id, state = args[2], args[3]
  local key = p .. 'letter:' .. id
  local l = load(key, { 'attempts' }, { 'state', 'marked_on', 'marked_by' })
  local marked = l.state == 'sending' or l.state == 'in_doubt'
  if l.state ~= 'queued' and not (marked and l.marked_by == args[1]) then return 'lost' end
  if l.state == 'queued' and call('HGET', keys[1], 'owner') ~= args[1] then return 'lost' end
  local now = now_ms()
  call('HSET', key, 'state', state, 'attempts', int(l.attempts + 1), unpack(args, 8))
  call('SREM', p .. 'open', id)
  if state == 'queued' then
    call('ZADD', p .. 'letters', args[4], id)
  else
    call('ZREM', p .. 'letters', id)
    call('HSET', key, 'ended_at', int(now))
    if state ~= 'in_doubt' then call('HDEL', key, 'document') end
  end
  if marked then
    if args[7] == '1' then
      call('HINCRBY', p .. 'sent-days', l.marked_on, -1)
    else
      call('HSET', keys[1], 'last_sent', int(now))
    end
  end
  if args[5] == '1' then call('HINCRBY', keys[1], 'answers', 1) end
  if args[6] == '1' then call('HINCRBY', keys[1], 'bad', 1) end
  return 'ok'
end

-- KEYS days of a domain whose provider counts all its mailboxes together. ARGV: date, most on it, 1 to take a place or -1 to
-- give one back. 1, or 0: the day is full.
local function letter_place(keys, args)
  local taken = tonumber(call('HGET', keys[1], args[1]) or '0') + tonumber(args[3])
  if taken > tonumber(args[2]) then return 0 end
  call('HSET', keys[1], args[1], int(math.max(0, taken)))
  call('EXPIRE', keys[1], MAILBOX_KEPT_SECONDS)
  return 1
end

-- KEYS letters that were written lately (of a mailbox or a tenant). ARGV: id, two halves of the fingerprint (hex), recipient,
-- most recipients, how long (ms) it counts, bits in which like letters differ. How many others have got the same; when
-- there is room, this letter is noted too.
local function ones(n)
  local count = 0
  n = bit.band(n, 0xFFFFFFFF)
  for _ = 1, 32 do
    count = count + bit.band(n, 1)
    n = bit.rshift(n, 1)
  end
  return count
end
local function letter_guard(keys, args)
  local now = now_ms()
  local high, low = tonumber(args[2], 16), tonumber(args[3], 16)
  call('ZREMRANGEBYSCORE', keys[1], '-inf', int(now - tonumber(args[6])))
  local others, count = {}, 0
  for _, entry in ipairs(call('ZRANGE', keys[1], 0, -1)) do
    local h, l, recipient = string.match(entry, '^(%x+) (%x+) (%S+) ')
    if recipient ~= args[4] and not others[recipient] then
      local apart = ones(bit.bxor(tonumber(h, 16), high)) + ones(bit.bxor(tonumber(l, 16), low))
      if apart <= tonumber(args[7]) then
        others[recipient] = true
        count = count + 1
      end
    end
  end
  if count < tonumber(args[5]) then
    call('ZADD', keys[1], 'NX', int(now), table.concat({ args[2], args[3], args[4], args[1] }, ' '))
    call('PEXPIRE', keys[1], args[6])
  end
  return count
end

redis.register_function { function_name = 'h1_mailbox_bind', callback = mailbox_bind }
redis.register_function { function_name = 'h1_mailbox_unbind', callback = mailbox_unbind, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_mailbox_set', callback = mailbox_set, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_mailbox_lease', callback = mailbox_lease, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_mailbox_release', callback = mailbox_release, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_letter_put', callback = letter_put }
redis.register_function { function_name = 'h1_letter_mark', callback = letter_mark, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_letter_settle', callback = letter_settle, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_letter_place', callback = letter_place, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_letter_guard', callback = letter_guard }
