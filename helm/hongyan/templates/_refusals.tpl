{{/*
What no single value can tell, in words that say what to change: all of it at once.
What a value must look like by itself is in values.schema.json, what hongyan.toml may say in the
program (`hongyan config check`), which the jobs of the configuration run before any engine does.
*/}}

{{- define "hongyan.refuse" -}}
{{- $faults := list }}
{{- range list "name" "redis" "storage" "sources" "nodes" "secrets" "time" "ports" "scaling" }}
{{- $faults = concat $faults (include (printf "hongyan.refusals.%s" .) $ | trim | splitList "\n") }}
{{- end }}
{{- with compact $faults }}{{ fail (printf "these values cannot work:\n- %s" (join "\n- " .)) }}{{ end }}
{{- end }}

{{/* A StatefulSet's name and its pods' numbers and revisions are labels of 63 characters. */}}
{{- define "hongyan.refusals.name" }}
{{- if gt (len (include "hongyan.name" .)) 40 }}
the release's name is {{ .Release.Name }}, too long for the names of pods: choose one of up to 32 characters
{{- end }}
{{- end }}

{{- define "hongyan.refusals.redis" }}
{{- with .Values.redis }}
{{- if and .url .bundled.enabled }}
redis.url and redis.bundled.enabled are both given: choose one of them
{{- else if not (or .url .bundled.enabled) }}
no Redis is given: set redis.url to yours (rediss://HOST:6380), or for a trial redis.bundled.enabled=true
{{- end }}
{{- if contains "@" .url }}
redis.url holds a user or a password, which everybody may read there: set redis.user, and redis.password.secret to the name of a Secret
{{- end }}
{{- if and .user (not .password.secret) }}
redis.user is {{ .user }}, and no password is given: set redis.password.secret to the name of a Secret that holds it under the key {{ .password.key }}
{{- end }}
{{- if and .user .bundled.enabled }}
redis.user has no meaning for the bundled Redis, which has one user: leave it empty
{{- end }}
{{- if and (or .ca.secret .certificate.secret) (not (hasPrefix "rediss://" .url)) }}
redis.ca and redis.certificate are for TLS, and redis.url does not begin with rediss://
{{- end }}
{{- end }}
{{- if hasKey .Values.config "redis" }}
config.redis is written by the chart: set redis.url, redis.user and redis.password instead
{{- end }}
{{- if dig "engine" "id" "" .Values.config }}
config.engine.id is one for all pods, and every engine needs its own: leave it out; `identity` says where the ids come from
{{- end }}
{{- if dig "http" "listen" "" .Values.config }}
config.http.listen is written by the chart: set http.port instead
{{- end }}
{{- end }}

{{/* Kubernetes refuses a change of it, but only after the configuration has been published. */}}
{{- define "hongyan.refusals.storage" }}
{{- $name := printf "%s-redis" (include "hongyan.name" .) }}
{{- if and .Values.redis.bundled.enabled .Release.IsUpgrade }}
{{- range (lookup "apps/v1" "StatefulSet" .Release.Namespace $name | dig "spec" "volumeClaimTemplates" list) }}
{{- $size := .spec.resources.requests.storage }}
{{- $class := .spec.storageClassName | default "" }}
{{- with $.Values.redis.bundled.storage }}
{{- $had := include "hongyan.mebibytes" $size }}
{{- $wanted := include "hongyan.mebibytes" .size }}
{{- if or (and $had $wanted (ne $had $wanted)) (ne $class .className) }}
redis.bundled.storage is {{ .size }}{{ with .className }} of the class {{ . }}{{ end }}, and the volume of {{ $name }} was made with {{ $size }}{{ with $class }} of the class {{ . }}{{ end }}, which a StatefulSet cannot change: put it back; a bigger volume is asked for by kubectl -n {{ $.Release.Namespace }} edit pvc data-{{ $name }}-0, where its class allows it
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "hongyan.refusals.sources" }}
{{- $most := include "hongyan.most" . | int }}
{{- $pods := list }}
{{- range until $most }}{{ $pods = append $pods (printf "%s-%d" (include "hongyan.name" $) .) }}{{ end }}
{{- $held := or .Values.hostNetwork (hasKey .Values.podAnnotations "k8s.v1.cni.cncf.io/networks") }}
{{- range $name, $source := .Values.config.source }}
{{- if and $source.pods $source.engines }}
config.source.{{ $name }} has pods and engines: one of them says whose it is
{{- end }}
{{- if and $source.pods (eq $.Values.identity "node") }}
config.source.{{ $name }} has pods, and with identity: node engines are called by their nodes: write engines: [NODE] instead
{{- else }}
{{- range $source.pods }}
{{- if ge (int .) $most }}
config.source.{{ $name }}.pods has {{ . }}, a pod that will not exist ({{ join ", " $pods }} will): raise {{ ternary "keda.maxReplicas" "replicas" $.Values.keda.enabled }} to {{ add1 . }}, or give the source to another pod
{{- end }}
{{- end }}
{{- end }}
{{- if eq $.Values.identity "pod" }}
{{- range $source.engines }}
{{- if not (has . $pods) }}
config.source.{{ $name }}.engines has {{ . }}, and no pod of this release is called that ({{ join ", " $pods }} are): write pods: [0], or set identity: node when it is a node
{{- end }}
{{- end }}
{{- end }}
{{- if and $source.address (not $held) (not $source.proxy) }}
config.source.{{ $name }}.address is {{ $source.address }}, which a pod of the cluster's network does not have: leave it out when an egress gateway gives it, set hostNetwork: true and identity: node when a node has it, or name the proxy that has it
{{- end }}
{{- end }}
{{- end }}

{{- define "hongyan.refusals.nodes" }}
{{- if eq .Values.identity "node" }}
{{- $nodes := list }}
{{- range .Values.config.source }}{{ $nodes = concat $nodes (.engines | default list) | uniq }}{{ end }}
{{- if .Values.keda.enabled }}
keda.enabled scales engines that have no place of their own, and identity: node binds each to a node: use one of them
{{- else if and $nodes (ne (len $nodes) (int .Values.replicas)) }}
replicas is {{ .Values.replicas }}, and the sources belong to {{ len $nodes }} nodes ({{ sortAlpha $nodes | join ", " }}): set replicas to {{ len $nodes }}, so that each has its engine
{{- end }}
{{- if not .Values.nodeSelector }}
identity is node, and nodeSelector does not say which nodes: label those that have the addresses, and name that label
{{- end }}
{{- end }}
{{- end }}

{{/* Every text of a value, one a line */}}
{{- define "hongyan.texts" }}
{{- if kindIs "map" . }}{{ range values . }}{{ include "hongyan.texts" . }}{{ end }}
{{- else if kindIs "slice" . }}{{ range . }}{{ include "hongyan.texts" . }}{{ end }}
{{- else if kindIs "string" . }}
{{ . }}
{{- end }}
{{- end }}

{{- define "hongyan.refusals.secrets" }}
{{- range include "hongyan.texts" .Values.config | trim | splitList "\n" | uniq }}
{{- $name := regexFind "^secrets/[^/]+/" . | trimPrefix "secrets/" | trimSuffix "/" }}
{{- if and $name (not (hasKey $.Values.secretFiles $name)) }}
config names the file {{ . }}, and secretFiles has no {{ $name }}: set secretFiles.{{ $name }} to the name of the Secret that holds it
{{- end }}
{{- $variable := trimPrefix "env:" . }}
{{- if and (hasPrefix "env:" .) (not (hasKey $.Values.secretEnv $variable)) }}
config names the variable {{ $variable }}, and secretEnv has none of that name: set secretEnv.{{ $variable }}.secret and .key
{{- end }}
{{- end }}
{{- if and .Values.checkSecrets (lookup "v1" "ServiceAccount" .Release.Namespace "default") }}
{{- range $name, $wanted := include "hongyan.secrets" . | fromJson }}
{{- $found := lookup "v1" "Secret" $.Release.Namespace $name }}
{{- if not $found }}
the Secret {{ $name }} does not exist in the namespace {{ $.Release.Namespace }}: kubectl -n {{ $.Release.Namespace }} create secret generic {{ $name }} {{ range $wanted }}--from-file={{ . }}=FILE {{ end }}
{{- else }}
{{- range $wanted }}
{{- if not (hasKey ($found.data | default dict) .) }}
the Secret {{ $name }} has no key {{ . }} (it has {{ keys ($found.data | default dict) | sortAlpha | join ", " }})
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "hongyan.refusals.time" }}
{{- $drain := dig "engine" "drain_timeout" "30s" .Values.config }}
{{- if not (include "hongyan.seconds" $drain) }}
config.engine.drain_timeout is {{ $drain }}, which is no length of time: write 30s or 2m
{{- else if .Values.terminationGracePeriodSeconds }}
{{- if lt (int .Values.terminationGracePeriodSeconds) (include "hongyan.leastGrace" . | int) }}
terminationGracePeriodSeconds is {{ .Values.terminationGracePeriodSeconds }}, and engines may drain for {{ $drain }}: what is on the wire would be cut off and be in doubt; set it to {{ include "hongyan.leastGrace" . }} or more, to 0 (found by the chart), or config.engine.drain_timeout lower
{{- end }}
{{- end }}
{{- end }}

{{- define "hongyan.refusals.ports" }}
{{- range $table := list "public" "inbound" }}
{{- $listen := dig $table "listen" "" $.Values.config }}
{{- $port := include "hongyan.port" $listen | int }}
{{- if and $listen (hasPrefix "127." $listen) }}
config.{{ $table }}.listen is {{ $listen }}, which nobody outside of the pod reaches: write 0.0.0.0:{{ $port }}
{{- end }}
{{- if and $listen $.Values.hostNetwork (lt $port 1024) }}
config.{{ $table }}.listen has port {{ $port }}, which on a node's own network only root may open: listen on one above 1023, and let a Service or the node's firewall lead {{ $port }} there
{{- end }}
{{- end }}
{{- end }}

{{- define "hongyan.refusals.scaling" }}
{{- if .Values.keda.enabled }}
{{- if not .Values.keda.prometheus }}
keda.prometheus is empty: set it to the URL of the Prometheus that scrapes the engines
{{- end }}
{{- if gt (int .Values.keda.minReplicas) (int .Values.keda.maxReplicas) }}
keda.minReplicas is {{ .Values.keda.minReplicas }}, more than keda.maxReplicas ({{ .Values.keda.maxReplicas }})
{{- end }}
{{- $sources := include "hongyan.sources" . | fromJson }}
{{- range $name, $channel := .Values.config.channel }}
{{- $stays := false }}
{{- range $channel.sources }}
{{- $engines := dig . "engines" list $sources }}
{{- if not $engines }}{{ $stays = true }}{{ end }}
{{- range until (int $.Values.keda.minReplicas) }}
{{- if has (printf "%s-%d" (include "hongyan.name" $) .) $engines }}{{ $stays = true }}{{ end }}
{{- end }}
{{- end }}
{{- if not $stays }}
config.channel.{{ $name }} has no source on the pods that always run (keda.minReplicas {{ $.Values.keda.minReplicas }}): its jobs would wait for more engines; give pod 0 a source of it, or raise keda.minReplicas
{{- end }}
{{- end }}
{{- end }}
{{- end }}
