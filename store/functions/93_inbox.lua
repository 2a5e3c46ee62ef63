-- Mail that came into bound mailboxes (mailbox/office/sync.h). Keys beside those of 92_mailbox.lua, in the same slot:
-- hongyan:{A}:inbox (heads, the newest first) and hongyan:{A}:news (events on their way to hongyan:events).

local INBOX_KEPT = 2000

-- What of news is mailed to whom the mailbox names (94_notes.lua). Of a burst of messages the first are kept, all are
-- counted; what a machine wrote is not told, or two mailboxes that tell each other would never end.
local NOTES_KEPT = 50
local MOST_TROUBLES = 100
local NOTED = {
  ['mailbox.message'] = NOTES_KEPT, ['mailbox.expiring'] = MOST_TROUBLES, ['mailbox.renumbered'] = MOST_TROUBLES,
  ['mailbox.refused'] = MOST_TROUBLES, ['mailbox.stopped'] = MOST_TROUBLES, ['mailbox.in-doubt'] = MOST_TROUBLES,
}
local function push_notes(p, kind, all)
  if not NOTED[kind] or not call('HGET', p .. 'mailbox', 'notify') then return end
  local head = '{"type":"' .. kind .. '","at":"' .. int(now_ms()) .. '","data":'
  for i = 1, #all do
    if kind ~= 'mailbox.message' or cjson.decode(all[i]).from_machine ~= true then
      call('HINCRBY', p .. 'mailbox', 'notes', 1)
      if call('LLEN', p .. 'notes') < NOTED[kind] then call('RPUSH', p .. 'notes', head .. all[i] .. '}') end
    end
  end
end

-- Events that belong to the atomic step which stores what they tell. Their numbers rise even when the mailbox was forgotten
-- in between: they begin at the time of day.
local function push_news(p, kind, all)
  if #all == 0 then return end
  push_notes(p, kind, all)
  local now = now_ms()
  local last = math.max(tonumber(call('HGET', p .. 'mailbox', 'news_n') or '0'), now)
  local head = ',"type":"' .. kind .. '","at":"' .. int(now) .. '","data":'
  for i = 1, #all do all[i] = '{"n":' .. int(last + i) .. head .. all[i] .. '}' end
  call('RPUSH', p .. 'news', unpack(all))
  call('HSET', p .. 'mailbox', 'news_n', int(last + #all))
end

-- KEYS mailbox. ARGV: who, lease ms, 1: who must have it already. One engine at a time reads a mailbox. 1, or 0: it is
-- another's, or there is nothing to read.
local function inbox_lease(keys, args)
  local now = now_ms()
  local m = load(keys[1], { 'sync_until' }, { 'sync_owner', 'status', 'sync', 'imap' })
  if (m.status ~= 'normal' and m.status ~= 'stopped') or m.sync == 'off' or m.imap == '' then return 0 end
  if m.sync_owner ~= args[1] and (args[3] == '1' or m.sync_until > now) then return 0 end
  call('HSET', keys[1], 'sync_owner', args[1], 'sync_until', int(now + tonumber(args[2])))
  return 1
end

-- KEYS mailbox. ARGV: who.
local function inbox_release(keys, args)
  if call('HGET', keys[1], 'sync_owner') == args[1] then call('HDEL', keys[1], 'sync_owner', 'sync_until') end
  return 'ok'
end

-- KEYS mailbox. ARGV: who, UIDVALIDITY, UIDNEXT of the folder. The first UID that is news; 0: the lease is lost. What lay
-- there before the first look is no news, nor is what lies there when the server has numbered the folder anew.
local function inbox_begin(keys, args)
  local m = load(keys[1], { 'sync_until', 'uid_next' }, { 'sync_owner', 'uid_validity' })
  if m.sync_owner ~= args[1] or m.sync_until <= now_ms() then return 0 end
  if m.uid_next ~= 0 and m.uid_validity == args[2] then return m.uid_next end
  if m.uid_next ~= 0 then
    push_news(mailbox_prefix(keys[1]), 'mailbox.renumbered', { cjson.encode({ mailbox = args[4] }) })
  end
  call('HSET', keys[1], 'uid_validity', args[2], 'uid_next', args[3])
  return tonumber(args[3])
end

-- KEYS mailbox. ARGV: who, UIDVALIDITY, the first UID not looked at, then per message: uid, head (JSON). ok | lost. What was
-- stored before is not told again.
local function inbox_store(keys, args)
  local m = load(keys[1], { 'sync_until', 'uid_next' }, { 'sync_owner', 'uid_validity' })
  if m.sync_owner ~= args[1] or m.sync_until <= now_ms() or m.uid_validity ~= args[2] then return 'lost' end
  local p = mailbox_prefix(keys[1])
  local heads = {}
  for i = 4, #args, 2 do
    if tonumber(args[i]) >= m.uid_next then heads[#heads + 1] = args[i + 1] end
  end
  if #heads > 0 then
    call('LPUSH', p .. 'inbox', unpack(heads))
    call('LTRIM', p .. 'inbox', 0, INBOX_KEPT - 1)
    push_news(p, 'mailbox.message', heads)
  end
  if tonumber(args[3]) > m.uid_next then call('HSET', keys[1], 'uid_next', args[3]) end
  return 'ok'
end

-- KEYS mailbox. ARGV: the day its code ends (ms), which warning, what it says. Each is given once. 1, or 0: it was.
local function mailbox_expiring(keys, args)
  local m = load(keys[1], { 'expiry_told' }, { 'expires_at' })
  if m.expires_at ~= args[1] or m.expiry_told >= tonumber(args[2]) then return 0 end
  call('HSET', keys[1], 'expiry_told', args[2])
  push_news(mailbox_prefix(keys[1]), 'mailbox.expiring', { args[3] })
  return 1
end

-- KEYS mailbox. ARGV: id of a tracked letter, the link that was followed (from 0; -1: it was opened), what its event says.
-- counted | known | gone. Who clicks has opened, but no image told it.
local function letter_seen(keys, args)
  local p = mailbox_prefix(keys[1])
  local key = p .. 'letter:' .. args[1]
  if (call('HGET', keys[1], 'status') or 'unbound') == 'unbound' or call('EXISTS', key) == 0 then return 'gone' end
  local now = int(now_ms())
  local opened = call('HSETNX', key, 'opened_at', now)
  if args[2] == '-1' then
    if opened == 0 then return 'known' end
    push_news(p, 'mailbox.opened', { args[3] })
    return 'counted'
  end
  if call('HSETNX', key, 'click:' .. args[2], now) == 0 then return 'known' end
  call('HINCRBY', key, 'clicks', 1)
  push_news(p, 'mailbox.clicked', { args[3] })
  return 'counted'
end

-- KEYS mailbox. ARGV: last number published. Takes published news out.
local function news_done(keys, args)
  local key = mailbox_prefix(keys[1]) .. 'news'
  local last = tonumber(args[1])
  while true do
    local first = call('LINDEX', key, 0)
    if not first or tonumber(string.match(first, '^{"n":(%d+)')) > last then return 'ok' end
    call('LPOP', key)
  end
end

redis.register_function { function_name = 'h1_inbox_lease', callback = inbox_lease, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_inbox_release', callback = inbox_release, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_inbox_begin', callback = inbox_begin, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_inbox_store', callback = inbox_store }
redis.register_function { function_name = 'h1_mailbox_expiring', callback = mailbox_expiring, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_letter_seen', callback = letter_seen }
redis.register_function { function_name = 'h1_news_done', callback = news_done, flags = { 'allow-oom' } }
