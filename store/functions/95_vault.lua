-- What the vault keeps here: its public record, and the sealed secret in each mailbox (store/vault_store.h).

-- KEYS mailbox. ARGV: the secret as it was read, the same under another key. 1, or 0: somebody changed or deleted it
-- meanwhile, and what they did stays.
local function mailbox_secret_swap(keys, args)
  if call('HGET', keys[1], 'secret') ~= args[1] then return 0 end
  call('HSET', keys[1], 'secret', args[2])
  return 1
end

-- KEYS vault. ARGV: key id, public key, ids of the keys at hand ... Another's key is not replaced: what is sealed to it
-- could not be opened by who has these. What is published now: id, public key.
local function vault_publish(keys, args)
  local known = call('HGET', keys[1], 'key_id')
  local ours = not known or known == args[1]
  for i = 3, #args do ours = ours or known == args[i] end
  if ours then call('HSET', keys[1], 'key_id', args[1], 'public_key', args[2]) end
  return call('HMGET', keys[1], 'key_id', 'public_key')
end

redis.register_function { function_name = 'h1_mailbox_secret_swap', callback = mailbox_secret_swap,
  flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_vault_publish', callback = vault_publish }
