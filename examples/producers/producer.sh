#!/bin/sh
# Puts one job on the queue: HONGYAN_REDIS=127.0.0.1:6379 or /path/to/redis.sock sh producer.sh
where=${HONGYAN_REDIS:-127.0.0.1:6379}
case $where in /*) set -- -s "$where" ;; *) set -- -h "${where%:*}" -p "${where##*:}" ;; esac
redis-cli -e "$@" XADD hongyan:jobs '*' job '{"v":1,"id":"'"${HONGYAN_JOB:-hello-redis-cli}"'","tenant":"acme",
  "from":{"address":"news@acme.example"},"subject":"你好 {{ name }}","text":"Hello, {{ name }}",
  "recipients":{"list":[{"to":"li@acme.example","vars":{"name":"李"}}]}}'
